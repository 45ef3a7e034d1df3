"""Shows what is going on where it takes over a second: a line that changes in a terminal, and lines where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

PATIENCE = 1.0
"""Seconds after which people wonder."""

Say = Callable[[str], None]


@contextmanager
def shown(file: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> Iterator[Say]:
    """Show what the function that it yields is told, once this has lasted for a while.

    Args:
        file: Where to; stderr when None.
        clock: Tells the seconds.
    """
    file = sys.stderr if file is None else file
    if _is_terminal(file):
        from rich.console import Console

        with Console(file=file).status("") as status:
            yield lambda what: status.update(f"[dim]{_escaped(what)}[/dim]")
        return
    began = clock()
    last: list[str] = []

    def say(what: str) -> None:
        if clock() - began >= PATIENCE and [what] != last:
            last[:] = [what]
            with suppress(OSError, ValueError):
                print(f"shapetrace: {what}", file=file, flush=True)

    yield say


def _is_terminal(file: TextIO) -> bool:
    try:
        return file.isatty()
    except ValueError:  # it is closed
        return False


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
