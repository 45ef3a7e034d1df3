"""Which of the numbers in a call stand for unknown dims: those that remember, and those that only the tape knows.

What C makes of a dim, `0.5 * n` or `float(n)`, is a plain number when it is handed on at once. The tape knows that the user's
instruction hands it on, but not as which argument. A number is taken for it if the call has no other one that is equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.source import frames
from shapetrace.capture.source.stands import flat, matches
from shapetrace.dim import REMEMBERING, AnyDim

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape

_DEPTH = 3  # how deep a number may be nested in an argument


def is_number(value: Any) -> bool:
    """Whether a value is one number, whoever's."""
    return (isinstance(value, int | float) and not isinstance(value, bool)) or (
        type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0
    )


def is_plain(value: Any) -> bool:
    """Whether a value is a number that does not remember, or NumPy's numbers."""
    return isinstance(value, int | float | complex) or type(value).__module__ == "numpy"


class Standing:
    """The numbers of the call of Paddle's that the user's code is at.

    Args:
        tape: The tape of the watch.
        frame: A frame in the call, or the user's.
        call: The arguments of the call, where no frame of Paddle's holds them.
    """

    def __init__(self, tape: Tape, frame: FrameType | None, call: Any = ()) -> None:
        self._tape = tape
        self._call = call
        self._frame = frame
        self._found: tuple[FrameType | None, list[AnyDim], list[Any]] | None = None
        self.used: list[AnyDim] = []
        """Those lost ones that were asked for."""

    def of(self, value: Any) -> AnyDim | None:
        """What a number stands for; None for a plain one, and where that cannot be told for sure."""
        if isinstance(value, REMEMBERING):
            return value
        entry = self._tape.objects.get(id(value))
        if entry is not None and entry[0] is value:
            return entry[1]
        if not (self._tape.entering or self._tape.entered_last) or not is_plain(value):
            return None
        _, stands, leaves = self._handed()
        alike = [stand for stand in stands if matches(value, stand)]
        if not alike or sum(matches(leaf, alike[0]) for leaf in leaves) > len(alike):
            return None
        if isinstance(value, float) and not any(leaf is value for leaf in leaves):
            return None
        if len({id(stand.origin) for stand in alike}) > 1:
            return None
        self.used.append(alike[0])
        return alike[0]

    def within(self, value: Any, depth: int = _DEPTH) -> Any:
        """An argument with all its numbers that stand for something as what they stand for; itself, if there are none."""
        stand = self.of(value)
        if stand is not None:
            return stand
        if depth and isinstance(value, list | tuple):
            items = [self.within(item, depth - 1) for item in value]
            if any(item is not was for item, was in zip(items, value, strict=True)):
                return tuple(items) if isinstance(value, tuple) else items
        if depth and isinstance(value, slice):
            bounds = value.start, value.stop, value.step
            parts = [self.within(part, depth - 1) for part in bounds]
            if any(part is not was for part, was in zip(parts, bounds, strict=True)):
                return slice(*parts)
        return value

    @contextmanager
    def aside(self) -> Iterator[None]:
        """The ops that are built in here are not what the user's code hands its numbers to."""
        outer = self._handed()[0]
        key = id(outer)
        entering = self._tape.entering.pop(key, None)
        try:
            yield
        finally:
            if entering is not None:
                self._tape.entering[key] = entering

    def healed(self) -> None:
        """The lost numbers that were asked for are in the program as tensors."""
        outer = self._handed()[0]
        key = id(outer)
        entering = self._tape.entering.pop(key, None)
        if entering is not None:
            left = [dim for dim in entering[1] if not any(dim.origin is used.origin for used in self.used)]
            if left and self.used:
                self._tape.entering[key] = entering[0], left
        self._tape.take_back(self.used)

    def _handed(self) -> tuple[FrameType | None, list[AnyDim], list[Any]]:
        """The user's frame, the lost numbers that its instruction hands on, and all the numbers in the call."""
        if self._found is None:
            inside: list[FrameType] = []
            frame = self._frame
            while frame is not None and not frames.users(frame):
                if frames.kind(frame.f_code.co_filename) is not frames.OWN:
                    inside.append(frame)
                frame = frame.f_back
            at = frames.instruction(frame) if frame is not None else -1
            offset, stands = self._tape.entering.get(id(frame), (-1, []))
            last = self._tape.entered_last
            if offset != at:
                stands = list(last[2]) if last is not None and last[:2] == (id(frame), at) else []
            values = _arguments(inside[-1]) if inside else list(self._call)
            self._found = frame, list(stands), [leaf for value in values for leaf in _leaves(value)]
        return self._found


def _arguments(frame: FrameType) -> list[Any]:
    """The arguments of a running function, those of `*args` and `**kwargs` too."""
    code, values = frame.f_code, frames.variables(frame)
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    starred = code.co_varnames[len(names) : len(names) + bool(code.co_flags & 4) + bool(code.co_flags & 8)]
    arguments = [values[name] for name in names if name in values]
    for name in starred:
        value = values.get(name, ())
        arguments += list(value.values() if isinstance(value, dict) else value)
    return arguments


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, slice):
        for part in (value.start, value.stop, value.step):
            yield from flat(part)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
