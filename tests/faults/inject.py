"""Raises where a function of shapetrace begins or ends, whichever it is: Python's profiler may raise there.

That needs no list of functions and no change of any: closures, properties, generators and lambdas are reached alike.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from shapetrace.capture.source import frames

Key = tuple[str, int, str]
"""File below the package, first line and name of a function."""


THRESHOLDS = {
    ("capture/probes/call_stacks.py", "extract_stack"),
    ("capture/probes/conversions.py", "watched"),
    ("capture/probes/conversions.py", "converted"),
    ("capture/probes/conversions.py", "_guarded"),
    ("capture/guarding.py", "__init__"),
    ("capture/guarding.py", "__enter__"),
    ("capture/guarding.py", "__exit__"),
    ("capture/source/frames.py", "leave_no_frame"),
    ("dim.py", "_derive"),
    ("dim.py", "_tell"),
    ("dim.py", "value_of"),
    ("dim.py", "_plainly"),
    ("dim.py", "plain_type"),
    ("capture/probes/skips.py", "Call"),
    ("capture/probes/tensor_uses.py", "__str__"),
    ("capture/probes/tensor_uses.py", "_used"),
}
"""Functions that entry points call and that hold their guard, or are entry points too: what is raised before their `try` nobody catches.
`value_of` and `_plainly` are the user's arithmetic itself, and `plain_type` is what Paddle's modules have for `type`."""


class Injected(Exception):
    """What is raised. Nobody can have expected it."""


def key(frame: FrameType) -> Key | None:
    """Which function of shapetrace's a frame runs; None for all others."""
    code = frame.f_code
    if not code.co_filename.startswith(frames.OWN_DIRECTORY):
        return None
    return code.co_filename.removeprefix(frames.OWN_DIRECTORY), code.co_firstlineno, code.co_name


class Seen:
    """Notes the functions of shapetrace's that run, and which of them only others than shapetrace call.

    Those are the entry points: what is raised in one itself, and not in what it calls, nothing of ours could catch.
    """

    def __init__(self) -> None:
        self.called: dict[Key, set[str]] = {}
        """Each function with the files of shapetrace's that it is called from."""
        self.before_closing = 0
        """How many of the functions ran before the watch closed."""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and (found := key(frame)) is not None:
            caller = key(frame.f_back) if frame.f_back is not None else None
            self.called.setdefault(found, set()).update(caller[:1] if caller is not None else ())

    def closing(self) -> None:
        """The watch closes."""
        self.before_closing = len(self.called)

    @property
    def entry_points(self) -> list[Key]:
        return [found for found, callers in self.called.items() if not callers]

    @property
    def inside(self) -> list[Key]:
        """The functions that run before the watch closes, but for the entry points."""
        known = list(self.called)[: self.before_closing]
        return [found for found in known if self.called[found] and found[:1] + found[2:] not in THRESHOLDS]

    @property
    def late(self) -> list[Key]:
        """Those that run only while it closes, and that no guard stands above but those of `watch.py`."""
        rest = list(self.called)[self.before_closing :]
        return [found for found in rest if "watch.py" in self.called[found]]


class Fault:
    """Raises once: where a function is first called by another of shapetrace's, or where that call returns."""

    def __init__(self, wanted: Key, event: str) -> None:
        self.file, self.line, self.name = wanted
        self.event = event
        self.raised = False
        self._frame: FrameType | None = None

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code.co_firstlineno != self.line or code.co_name != self.name or not code.co_filename.endswith(self.file):
            return
        if event == "call" and self._frame is None and frame.f_back is not None and key(frame.f_back) is not None:
            self._frame = frame
        if event == self.event and frame is self._frame:
            self.raised = True
            sys.setprofile(None)
            raise Injected(f"at the {event} of {self.name} in {self.file}")
