"""Hands jobs to the workers of a Dask cluster, and takes back what comes of them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.sweep import environments, process, working
from shapetrace.sweep.jobs import Job, Known
from shapetrace.sweep.plan import Environment
from shapetrace.sweep.records import Done

_MOST_LOSSES = 10
"""How often a job is given to another worker when the one that did it is gone. What a job does never reaches its worker."""
_WAIT = 60  # seconds for a scheduler to answer, and for its first worker

_UNWATCHED = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
"""A worker on this machine only waits for the process of its job: Dask would take some 3% of a core to see how busy it is."""

Began = Callable[[str, float], None]
"""Is told the key of a job that a worker begins, and when."""


class Cluster:
    """A cluster that one is connected to.

    Args:
        client: Of Dask.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def ask(self, wanted: Sequence[Environment]) -> list[environments.Asked]:
        """What the workers' machines have of some environments, in their order."""
        futures = [self._client.submit(environments.ask, environment, pure=False) for environment in wanted]
        answers: list[environments.Asked] = self._client.gather(futures)
        return answers

    def do(self, jobs: Mapping[str, tuple[Job, Known]], began: Began) -> Iterator[Done]:
        """Do jobs, and yield what comes of each when it is done.

        Args:
            jobs: By their keys.
            began: Told of each that begins.

        Raises:
            UsageError: Workers are lost again and again over one job.
        """
        from distributed import as_completed

        topic = f"shapetrace-{secrets.token_hex(8)}"
        self._client.subscribe_topic(topic, lambda event: began(*event[1]))
        left: dict[Any, tuple[str, int]] = {self._submit(key, jobs[key], topic): (key, 0) for key in jobs}
        try:
            yield from self._taken(as_completed(list(left)), left, jobs, topic)
        finally:  # nobody waits for the others where it has come to an exception
            self._client.cancel(list(left))

    def _taken(
        self, waiting: Any, left: dict[Any, tuple[str, int]], jobs: Mapping[str, tuple[Job, Known]], topic: str
    ) -> Iterator[Done]:
        """What comes of jobs, one after the other. Those whose worker is lost are given out again."""
        from distributed.scheduler import KilledWorker

        for future in waiting:
            key, losses = left.pop(future)
            error = future.exception() if future.status == "error" else None
            if error is None and future.status == "finished":
                yield future.result()
                future.release()
            elif isinstance(error, KilledWorker) and losses < _MOST_LOSSES:
                again = self._submit(key, jobs[key], topic)
                left[again] = key, losses + 1
                waiting.add(again)
            elif isinstance(error, KilledWorker):
                raise UsageError(
                    said("the workers that did {} were lost {} times", " / ".join(jobs[key][0].name), losses + 1)
                )
            elif isinstance(error, OSError):
                raise UsageError(said("a worker could not do {}: {}", " / ".join(jobs[key][0].name), error))
            else:
                raise error or UsageError(
                    said("the scheduler has ended, or was restarted: start the sweep again, which goes on where it was")
                )

    def _submit(self, key: str, job: tuple[Job, Known], topic: str) -> Any:
        name = f"{key}-{secrets.token_hex(4)}"
        return self._client.submit(_do, key, *job, topic, key=name, pure=False)


def _do(key: str, job: Job, known: Known, topic: str) -> Done:
    """What a worker runs."""
    import time

    from distributed import get_worker

    get_worker().log_event(topic, (key, time.time()))
    return working.do(key, job, known)


@contextmanager
def connected(workers: int | None, scheduler: str | None) -> Iterator[Cluster]:
    """A cluster of this machine, or the one of a scheduler.

    Args:
        workers: How many jobs to do at once on this machine.
        scheduler: Address of a scheduler that runs already, or path of the file that it has written; None to start one here.

    Raises:
        UsageError: Dask is not installed, or there is no such scheduler.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError(said("sweep needs Dask: install shapetrace[sweep]")) from None
    for logger in ("distributed", "distributed.client"):  # Dask gives both a level of their own
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    if scheduler is not None:
        with _client(Client, scheduler) as client:
            yield Cluster(client)
        return
    # A worker only waits for the process of its job: threads of this process do as well, and start at once.
    with (
        dask.config.set(_UNWATCHED),
        LocalCluster(
            n_workers=workers or 1, threads_per_worker=1, processes=False, dashboard_address=":0", memory_limit=0
        ) as local,
        Client(local) as client,
    ):
        try:
            yield Cluster(client)
        finally:
            process.end_all()


def _client(kind: Any, scheduler: str) -> Any:
    where = {"address": scheduler} if "://" in scheduler or ":" in scheduler else {"scheduler_file": scheduler}
    try:
        client = kind(**where, timeout=_WAIT)
        client.wait_for_workers(1, timeout=_WAIT)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(said("no scheduler with a worker answers at {}: {}", scheduler, error)) from None
    return client
