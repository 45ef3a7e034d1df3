"""Shows a sweep while it runs: how far it is, what is running and for how long, and the slowest jobs so far."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from shapetrace.reports.printable import visible
from shapetrace.reports.translations import worded
from shapetrace.said import joined, said
from shapetrace.sweep import wording
from shapetrace.sweep.records import Record, State

_MOST_RUNNING = 16
_MOST_SLOWEST = 3

Name = tuple[str, str, str]


class Board:
    """What is known of a sweep that is running.

    Args:
        names: Of the jobs that are left, by key.
        console: Where it is shown.
    """

    def __init__(self, names: Mapping[str, Name], console: Console) -> None:
        self._names, self._console = names, console
        self._running: dict[str, float] = {}
        self._slowest: list[tuple[float, Name]] = []
        self._states: Counter[State] = Counter()

    def began(self, key: str, when: float) -> None:
        """A worker has begun a job."""
        self._running[key] = when

    def done(self, record: Record) -> None:
        """What came of a job is kept."""
        self._running.pop(record.key, None)
        self._states[record.state] += 1
        self._slowest = sorted([*self._slowest, (record.spent.seconds, record.name)], reverse=True)[:_MOST_SLOWEST]
        if not self._console.is_terminal:
            count = f"{self._states.total()}/{len(self._names)}"
            says = said(": {}", record.cause.sentence) if record.cause is not None else ""
            state, seconds = wording.STATES[record.state], f"{record.spent.seconds:.1f}"
            line = worded("{}  {}  {}  {} s{}", count, _named(record.name), state, seconds, says)
            print(visible(line), file=self._console.file, flush=True)

    def __rich__(self) -> RenderableType:
        count, total = self._states.total(), len(self._names)
        states = [said("{} {}", number, wording.STATES[state]) for state, number in self._states.most_common()]
        done = worded("{} of {} jobs{}", count, total, said(": {}", joined("{}, {}", states)) if states else "")
        table = Table.grid(padding=(0, 2))
        now = time.time()
        for key, since in sorted(list(self._running.items()), key=lambda item: item[1])[:_MOST_RUNNING]:
            table.add_row(worded("running"), Text(visible(_named(self._names[key]))), f"{now - since:.0f} s")
        for seconds, name in self._slowest:
            table.add_row(
                Text(worded("slowest"), style="dim"), Text(visible(_named(name)), style="dim"), f"{seconds:.0f} s"
            )
        return Group(
            Text(done),
            ProgressBar(total=total, completed=count, width=min(60, self._console.width)),
            table,
        )


@contextmanager
def shown(names: Mapping[str, Name], file: TextIO | None = None) -> Iterator[Board]:
    """Show a sweep: what changes in a terminal, a line a job where there is none.

    Args:
        names: Of the jobs that are left, by key.
        file: Where to; stderr when None.
    """
    console = Console(file=file or sys.stderr)
    board = Board(names, console)
    if not console.is_terminal or not names:
        yield board
        return
    with Live(board, console=console, refresh_per_second=4, transient=True):
        yield board


def _named(name: Name) -> str:
    model, mode, environment = name
    return f"{model} [{mode}, {environment}]"
