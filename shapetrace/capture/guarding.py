"""What shapetrace does inside a user's conversion, guarded: a fault of ours is kept as a note, and the export goes on."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

Fault = Callable[[str, BaseException], None]
"""Told what could not be done, as a sentence, and what was raised."""


class guard:
    """A block of ours whose exceptions go to a note instead of to the user. Ctrl-C and `SystemExit` do go on.

    Args:
        fault: Told of the exception.
        what: What could not be done, as the beginning of a sentence.
    """

    __slots__ = ("_fault", "_what")

    def __init__(self, fault: Fault, what: str) -> None:
        self._fault = fault
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._fault(self._what, error)
        return True
