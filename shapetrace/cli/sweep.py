"""`shapetrace sweep`: many exports, a process each."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shapetrace.cli import options, sweep_diff
from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.sweep.records import STATES, State

if TYPE_CHECKING:
    from shapetrace.sweep.folder import Folder

NOT_HEALTHY = 3
"""Exit code where a job is not healthy, or was not done."""

_EXAMPLE = """\b
Examples:
  shapetrace sweep models.toml --out night --workers 4
  shapetrace sweep models.toml --out night --scheduler tcp://10.0.0.5:8786
  shapetrace sweep models.toml --out night --rerun endless --rerun dies
  shapetrace sweep diff last-night night --fail-on new
"""


class _Sweep(click.Command):
    """Hands `sweep diff …` on to the command that compares."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["diff"]:
            return sweep_diff.command.make_context(f"{info_name} diff", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def _state(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> tuple[State, ...]:
    found = []
    for name in names:
        state = next((each for each in STATES if each == name.replace(" ", "-").lower()), None)
        if state is None:
            raise UsageError(said("there is no state {}: there are {}", repr(name), ", ".join(STATES)))
        found.append(state)
    return tuple(found)


@click.command(cls=_Sweep, short_help="Export many models, and tell what came of each.", epilog=_EXAMPLE)
@click.option(
    "--out", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Where records and reports go."
)
@click.option("--workers", type=click.IntRange(min=1), help="How many jobs to do at once on this machine (1).")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Do the jobs on the workers of a Dask scheduler, at an address or named by the file that it has written.",
)
@click.option(
    "--rerun",
    metavar="STATE",
    multiple=True,
    callback=_state,
    help="Do jobs again that ended so: endless, dies, over-memory, export-fails, and so on. May be repeated.",
)
@options.lang
@click.argument("file", type=click.Path(path_type=Path))
def command(
    *, file: Path, out: Path, workers: int | None, scheduler: str | None, rerun: tuple[State, ...], lang: str | None
) -> int:
    """Export the models that FILE names, in each mode and environment, and keep what came of each in DIR.

    Each job is a process of its own, with limits of time and memory. What has a record in DIR is not done again, so a sweep that was
    ended goes on where it was. Ctrl-C and SIGTERM end the jobs that are running here, and what was done is shown. Exits with 0 where all jobs were done and are healthy, and with 3 where some are not.
    `shapetrace sweep diff DIR DIR` compares two sweeps.
    """
    if workers is not None and scheduler is not None:
        raise UsageError(said("--workers is for this machine: a scheduler has its own"))
    from shapetrace.cli import sweep_progress
    from shapetrace.sweep import cluster, sweeping
    from shapetrace.sweep.folder import Folder

    folder = Folder(out)
    with _ended_by_sigterm(), cluster.connected(workers, scheduler) as found:
        work = sweeping.prepare(file, folder, found, rerun)
        names = {job.key: job.name for job in work.listed}
        try:
            with sweep_progress.shown({key: names[key] for key in work.left}) as board:
                for record in sweeping.do(work, folder, found, board.began):
                    board.done(record)
        finally:
            click.echo(_show(folder))
    records = folder.records()
    healthy = sum(record.state == "healthy" for record in records)
    return 0 if healthy == len(work.listed) else NOT_HEALTHY


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM, as Slurm sends it at a limit of time, end the sweep as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(folder: Folder) -> str:
    """Write the page and the tables, and say what they hold."""
    from shapetrace.sweep import overview

    return overview.write(folder)
