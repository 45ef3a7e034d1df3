"""The trace and the reports that `shapetrace run` writes: checked before the script starts, written when it has ended.

The script's exit code and the other reports are not to suffer from one that cannot be made.
"""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from shapetrace.errors import ReportError, ShapetraceError, UsageError
from shapetrace.reports.translations import current, worded
from shapetrace.said import Sentence, of_error, said
from shapetrace.trace import Trace, file

_PAGE = "shapetrace.html"
"""The page that `--open` makes where no other one was asked for."""

Numbered = tuple[int | None, Trace]
"""A trace, and the number of the process it is of; None for the script's own."""


class Outputs:
    """What is written of a run.

    Args:
        trace: Path of the trace, or None.
        reports: Paths of reports; the ending of each is its format.
        lang: Language of the reports that have several.
        shown: Open the HTML reports in a browser; one is made where none was asked for.

    Raises:
        UsageError: A path cannot be written to, or its ending is no format's.
    """

    def __init__(self, trace: str | None, reports: Sequence[str], *, lang: str | None, shown: bool = False) -> None:
        if shown and not any(map(_is_page, reports)):
            reports = (*reports, _PAGE)
        self._trace = trace
        self._shown = shown
        self._reports = list(reports)
        self._lang = lang
        self.also: list[str] = []
        """What somebody else has written, to be said with the rest."""
        self.command = ""
        """What to type after `shapetrace run` to run the script again, for the commands that reports suggest."""
        self._stderr = sys.stderr
        for path in (*reports, *((trace,) if trace else ())):
            check_writable(path)
        self._reports = [path for path in reports if self._can_be_made(path)]

    def _can_be_made(self, path: str) -> bool:
        """Say it now, and not after a script of hours, where a report cannot be made on this machine."""
        from shapetrace import reports

        missing = reports.missing(reports.format_of(path).name)
        if missing:
            say(self._stderr, worded("{} will not be written: {}", path, missing))
        return not missing

    def write(self, traces: Sequence[Numbered], *, quiet: bool = False) -> None:
        """Write the trace and the reports of each process.

        Args:
            traces: The traces.
            quiet: Do not say what was written; faults are said all the same.
        """
        written: list[str] = [] if quiet else [*self.also]
        for number, trace in traces:
            for path, write in self._writers(trace):
                name = _numbered(path, number)
                with harmless(self._stderr, said("{} could not be written", name)):
                    write(name)
                    written.append(name)
        if written and not quiet:
            say(self._stderr, worded("wrote {}", ", ".join(written)))
            for page in filter(_is_page, written if self._shown else ()):
                show(self._stderr, page)

    def _writers(self, trace: Trace) -> Iterator[tuple[str, Callable[[str], None]]]:
        from shapetrace import reports

        def report(path: str) -> None:
            reports.write(trace, path, lang=self._lang, command=self.command)

        if self._trace:
            yield self._trace, lambda path: _save(trace, path)
        for path in self._reports:
            yield path, report


@contextmanager
def harmless(stderr: TextIO, what: Sentence) -> Iterator[None]:
    """Say it when something fails: the exit code stays the script's, and the rest goes on.

    Args:
        stderr: Where to.
        what: What could not be done, for a fault of ours.
    """
    try:
        yield
        return
    except ShapetraceError as fault:
        message = of_error(fault)
        if not isinstance(fault, ReportError | UsageError):
            message = said("{}: {}", what, message)
    except Exception as fault:
        message = said("{}, by a fault of shapetrace's own: {}", what, repr(fault))
    say(stderr, current().say(message))


def say(stderr: TextIO, message: str) -> None:
    """Print one line of ours. What fails may be stderr itself: its disk is full, or nobody reads it."""
    from shapetrace.reports.printable import visible

    with suppress(OSError):
        print(f"shapetrace: {visible(' '.join(message.split()))}", file=stderr)


def show(stderr: TextIO, page: str) -> None:
    """Open a page in the browser; say it where there is none."""
    with harmless(stderr, said("{} could not be opened", page)):
        if not webbrowser.open(Path(page).resolve().as_uri()):
            say(stderr, worded("there is no browser here to open {} in", page))


def _is_page(path: str) -> bool:
    return path.lower().endswith((".html", ".htm"))


def _numbered(path: str, number: int | None) -> str:
    """The path for the trace of another process: `out.1234.html`."""
    if number is None:
        return path
    folder, name = os.path.split(path)
    stem, dot, ending = name.partition(".")
    return os.path.join(folder, f"{stem}.{number}{dot}{ending}")


def check_writable(path: str) -> None:
    """Refuse a path that cannot be written to, before anything is done.

    Raises:
        UsageError: It cannot.
    """
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise UsageError(said("cannot write {}: there is no directory {}", path, folder))
    if os.path.isdir(path):
        raise UsageError(said("cannot write {}: it is a directory", path))
    if not os.access(folder, os.W_OK) and not (os.path.exists(path) and os.access(path, os.W_OK)):
        raise UsageError(said("cannot write {}: permission denied", path))


def _save(trace: Trace, path: str) -> None:
    try:
        file.write(trace, path)
    except OSError as error:
        raise UsageError(said("cannot write the trace {}: {}", path, error.strerror)) from None
