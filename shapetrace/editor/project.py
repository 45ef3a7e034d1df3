"""The traces of a project: which is the newest, and whether it is another one than before."""

from __future__ import annotations

import os
from collections.abc import Iterator

from shapetrace.editor.answers import Answers
from shapetrace.errors import ShapetraceError
from shapetrace.opened import load
from shapetrace.reports.translations import current, worded
from shapetrace.said import of_error

_ENDING = ".trace"
_DEEPEST = 5
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})


class Project:
    """A directory whose newest trace is read.

    Args:
        root: The directory.
        trace: Path of the trace to read, whichever is the newest; None for the newest below the directory whose name ends in `.trace`.
    """

    def __init__(self, root: str, trace: str | None = None) -> None:
        self.root = root
        self.answers: Answers | None = None
        self.problem = ""
        """Why there are no answers, in one sentence; empty where there are."""
        self._chosen = trace
        self._read: tuple[str, int] | None = None

    def refresh(self) -> bool:
        """Read the newest trace, if it is another one than before; whether it was."""
        found = [self._chosen] if self._chosen else list(_traces(self.root, 0))
        dated = [(modified, path) for path in found if (modified := _modified(path))]
        if not dated:
            none = worded("there is no trace in {}: make one with `shapetrace run --trace export.trace`", self.root)
            changed = self.problem != none
            self.problem, self.answers, self._read = none, None, None
            return changed
        modified, path = max(dated)
        if self._read == (path, modified):
            return False
        self._read = path, modified
        try:
            self.answers, self.problem = Answers(load(path), self.root), ""
        except ShapetraceError as error:
            self.answers, self.problem = None, current().say(of_error(error))
        return True


def _traces(directory: str, depth: int) -> Iterator[str]:
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(_ENDING) and entry.is_file():
                    yield entry.path
                elif depth < _DEEPEST and not _left_out(entry) and entry.is_dir(follow_symlinks=False):
                    yield from _traces(entry.path, depth + 1)
    except OSError:  # not to be read, or gone by now: there is nothing in it for us
        return


def _left_out(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(".") or entry.name in _SKIPPED


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
