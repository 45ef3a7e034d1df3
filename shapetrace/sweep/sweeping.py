"""A sweep from its file to its records: what is there already, and what is left to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.sweep import plan, sources
from shapetrace.sweep.cluster import Began, Cluster
from shapetrace.sweep.folder import Folder, Listed
from shapetrace.sweep.jobs import Job, Known, jobs, key
from shapetrace.sweep.records import Record
from shapetrace.version import __version__


@dataclass(frozen=True)
class Work:
    """The jobs of a sweep, by their keys."""

    listed: tuple[Listed, ...]
    left: dict[str, tuple[Job, Known]]
    """What has no record yet, or is to be done again."""


def prepare(file: Path, folder: Folder, cluster: Cluster, again: Collection[str] = ()) -> Work:
    """Find out what there is to do, and keep it in the folder.

    Args:
        file: The sweep file.
        folder: Where records are kept.
        cluster: Whose machines have the environments.
        again: States; jobs that ended in one of them are done again.

    Raises:
        UsageError: The file cannot be read, or an environment is not as it must be.
    """
    wanted = jobs(plan.read(file), file)
    folder.make()
    known = _known(wanted, cluster)
    listed: list[Listed] = []
    left: dict[str, tuple[Job, Known]] = {}
    for job in wanted:
        environment = known[job.environment.name]
        name = key(job, environment, sources.files(job))
        listed.append(Listed(name, *job.name))
        record = folder.record(name)
        if record is None or record.state in again:
            left[name] = job, environment
    folder.ask(listed)
    return Work(tuple(listed), left)


def do(work: Work, folder: Folder, cluster: Cluster, began: Began) -> Iterator[Record]:
    """Do what is left, and yield each record once it is kept."""
    for done in cluster.do(work.left, began):
        folder.keep(done)
        yield done.record


def _known(wanted: list[Job], cluster: Cluster) -> dict[str, Known]:
    environments = list({job.environment.name: job.environment for job in wanted}.values())
    installed: dict[str, Known] = {}
    for environment, asked in zip(environments, cluster.ask(environments), strict=True):
        if asked.known is None:
            raise UsageError(said("the environment {}: {}", environment.name, asked.fault))
        if asked.known.shapetrace != __version__:
            raise UsageError(
                said(
                    "the environment {} has shapetrace {}, and this is {}: install the same there",
                    environment.name,
                    asked.known.shapetrace,
                    __version__,
                )
            )
        installed[environment.name] = asked.known
    return installed
