"""Tells what happens in a watched process to memory that outlives it, as it happens, for whoever makes the report if it dies.

What Python did with dims is told whole, before the next op is made, and once more when the conversion has ended, since only then
is it known which tensors they were read from. Of ops only the last one is told: the program itself is there when the
conversion has ended, and before an op that is known to end the process.
"""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any, NamedTuple

import msgspec

from shapetrace.black_box import BlackBox
from shapetrace.capture import identity
from shapetrace.capture.guarding import guard
from shapetrace.capture.record import Writer
from shapetrace.capture.session import Session
from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.tape import layer
from shapetrace.facts import blocks, known_sizes
from shapetrace.trace import Trace
from shapetrace.trace.death import Moment, Part, Phase

_WHOLE = ("endless", "requests", "remarks", "remedies")
"""Tables of a trace that stay small, and whose records may change."""
_PLAIN = frozenset({int, float, bool, str, list, tuple, type(None)})
_encode = msgspec.msgpack.Encoder().encode


class _Lengths(NamedTuple):
    """How much there was when a conversion began."""

    arguments: int = 0
    events: int = 0
    dims: int = 0
    uses: int = 0
    skips: int = 0
    conversions: int = 0
    tensor_uses: int = 0
    control_flow: int = 0


class Witness:
    """Tells of one watch.

    Args:
        session: The watch from the inside.
        box: Whom it tells.
    """

    def __init__(self, session: Session, box: BlackBox) -> None:
        self._session = session
        self._box = box
        self._tape = session.tape
        self._written = Trace(conversions=session.trace.conversions, sites=session.trace.sites)
        self._writer = Writer(session, self._written)
        self._known: tuple[dict[int, int], dict[Any, int]] = {}, {}
        self._base = _Lengths()
        self._told = 0, 0
        self._sites = 0
        self._running = 0
        self._places: dict[tuple[int, int], int] = {}
        self._kept: list[CodeType] = []  # the keys of `_places` are ids: keep what they are ids of

    def opened(self) -> None:
        """The watch is open."""
        with guard(self._session.fault, "what a watch begins with could not be told outside the process"):
            trace = self._session.trace
            for name in ("shapetrace", "paddle", "python", "tried"):
                self._tell(name, -1, getattr(trace, name))
            self._at("watching")

    def begins(self) -> None:
        """A conversion begins."""
        if not self._box.open:
            return
        with guard(self._session.fault, "the beginning of a conversion could not be told outside the process"):
            if not self._running:
                self._keep_base()
            self._running += 1
            index = self._tape.conversion
            self._tell_sites()
            self._tell("conversions", index, [self._session.trace.conversions[index]])
            self._at("converting")

    def op(self, name: str, operands: Any, frame: FrameType | None) -> None:
        """An op is about to be made.

        Args:
            name: The op.
            operands: What it gets.
            frame: Who makes it.
        """
        if self._tape.closed or self._tape.conversion < 0 or not self._box.open:
            return
        with guard(self._session.fault, "an op could not be told outside the process"):
            if self._told != (len(self._tape.arguments), len(self._tape.events)):
                self._tell_uses()
            users = frames.innermost(frame)
            site = self._site(users) if users is not None else -1
            values = self._tell_program(operands) if _ends_the_process(name, operands) else ()
            self._at("converting", site, name, layer(), self._shapes(operands), values)
            self._box.flag = True

    def made(self) -> None:
        """That op is made."""
        if self._box.open:
            self._box.flag = False

    def ended(self) -> None:
        """All conversions that have begun have ended, and are recorded."""
        if not self._running or not self._box.open:
            return
        with guard(self._session.fault, "the end of a conversion could not be told outside the process"):
            self._running = 0
            self._write_anew()
            trace, base = self._session.trace, self._base
            if any(next(blocks.used_outside(conversion), None) for conversion in trace.conversions[base.conversions :]):
                self._session.wait_for_shapes()  # the process ends where such a program is saved or freed
            self._tell_sites()
            for name in ("conversions", "tensor_uses", "control_flow"):
                start = getattr(base, name)
                self._tell(name, start, getattr(trace, name)[start:])
            for name in _WHOLE:
                self._tell(name, 0, getattr(trace, name))
            self._at("watching")

    def closing(self) -> None:
        """The watch closes."""
        with guard(self._session.fault, "the end of a watch could not be told outside the process"):
            self._at("closing")

    def _keep_base(self) -> None:
        trace, written = self._session.trace, self._written
        self._known = dict(self._writer.dims), dict(self._writer.skips)
        self._base = _Lengths(
            len(self._tape.arguments),
            len(self._tape.events),
            len(written.dims),
            len(written.uses),
            len(written.skips),
            self._tape.conversion,
            len(trace.tensor_uses),
            len(trace.control_flow),
        )

    def _write_anew(self) -> None:
        """Write once more what was used since the conversion began: its program is known now."""
        base, written = self._base, self._written
        del written.dims[base.dims :], written.uses[base.uses :], written.skips[base.skips :]
        self._writer.dims, self._writer.skips = dict(self._known[0]), dict(self._known[1])
        self._told = base.arguments, base.events
        self._tell_uses()

    def _tell_uses(self) -> None:
        written, tape = self._written, self._tape
        lengths = {name: len(getattr(written, name)) for name in ("skips", "dims", "uses")}
        arguments, events = self._told
        self._told = len(tape.arguments), len(tape.events)
        self._writer.write(tape.arguments[arguments:], tape.events[events:])
        self._tell_sites()
        for name, length in lengths.items():
            self._tell(name, length, getattr(written, name)[length:])

    def _tell_program(self, operands: Any) -> tuple[int, ...]:
        """Tell the program as it is before an op that will end the process, and which of its values are the tensors that the op gets."""
        program = self._session.until_here()
        self._tell_sites()
        self._tell("conversions", self._tape.conversion, [program.conversion])
        return tuple(program.recorded.position(value) for value in _tensors(operands))

    def _shapes(self, operands: Any) -> tuple[tuple[int, ...], ...]:
        """The shapes of the tensors among the operands of an op."""
        tensors = _tensors(operands)
        if not tensors:
            return ()
        with self._session.paused():  # reading a shape is no read of the user's
            return tuple(map(_shape, tensors))

    def _site(self, frame: FrameType) -> int:
        key = id(frame.f_code), frame.f_lasti
        site = self._places.get(key)
        if site is None:
            self._kept.append(frame.f_code)
            site = self._places[key] = self._session.sites.of(Place(frame.f_code, frame.f_lasti, frame.f_lineno))
            self._tell_sites()
        return site

    def _tell_sites(self) -> None:
        sites = self._session.trace.sites
        if len(sites) > self._sites:
            self._tell("sites", self._sites, sites[self._sites :])
            self._sites = len(sites)

    def _tell(self, table: str, start: int, items: Any) -> None:
        self._box.append(_encode(Part(table, start, msgspec.Raw(_encode(items)))))

    def _at(self, phase: Phase, *more: Any) -> None:
        conversion = self._tape.conversion if phase == "converting" else -1
        self._box.mark(_encode(Moment(phase, conversion, *more)))


def _tensors(operands: Any) -> list[Any]:
    return [value for value in operands if type(value) not in _PLAIN and identity.is_symbolic(value)]


def _ends_the_process(name: str, operands: Any) -> bool:
    """Whether an op is known to end the process of what it gets: it asks for as many results as an axis has places, which is unknown."""
    if name not in known_sizes.AXIS:
        return False
    tensor, axis, *_ = operands
    shape = _shape(tensor)
    return type(axis) is int and -len(shape) <= axis < len(shape) and shape[axis] < 0


def _shape(tensor: Any) -> tuple[int, ...]:
    try:
        return identity.shape(tensor)
    except (TypeError, ValueError):  # a tensor without a shape, such as an array of tensors
        return ()
