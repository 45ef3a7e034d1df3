"""The tape of one watch: dims read and computed, what they were used for, and by which op arguments.

Everything here runs inside the user's conversion, so it records little and resolves nothing: objects,
places and names. `record.py` turns a tape into the trace when the watch closes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any, NamedTuple, Protocol

from shapetrace.capture import identity, layer_paths
from shapetrace.capture.source import frames
from shapetrace.capture.source.call_arguments import WRAPPERS, argument_of, dims_in, element, public_name
from shapetrace.capture.source.frames import Place, Stack
from shapetrace.capture.source.stands import matches
from shapetrace.dim import REMEMBERING, AnyDim, Origin, Stand, UseKind, remember, value_of
from shapetrace.facts import leaks, operators

_DROPS = frozenset({"operand", "compare", "truth"})
"""What Paddle's own code does with a dim that it need not hand on: it compares a slice's start with 0, and drops it."""
_DIM_FILE = value_of.__code__.co_filename
_DECORATION = re.compile(r"\W|_$")
"""What the name of a function has more than that of its op, as `add_` has."""


class Read(NamedTuple):
    """The tensor a dim was read from: the op that made it, which of its results, and in which conversion."""

    conversion: int
    op: int | str
    result: int


class Where(NamedTuple):
    """A place together with the frames around it and the layer that was running."""

    stack: Stack
    layer: str
    inside: str = ""
    """The function of Paddle's, called at the place, that did it; empty for the user's own code."""

    @property
    def place(self) -> Place | None:
        """The user's innermost place."""
        return next((place for place in self.stack if frames.is_users(place.kind)), None)


class Event(NamedTuple):
    """One use of a dim."""

    kind: UseKind
    dim: AnyDim
    op: str
    where: Where
    conversion: int
    other: Any = None
    result: Any = None


class Argument(NamedTuple):
    """A dim handed to one of Paddle's functions."""

    dim: AnyDim
    api: str
    """Name of the public function the user called."""
    argument: str
    position: int | None
    """In a list argument; None for a scalar one."""
    elements: tuple[str, ...]
    """The whole list it stands in: numbers, and `?` for tensors."""
    operation: str
    """The C op it reached, or empty where Paddle's Python code took it."""
    where: Where
    conversion: int
    raised: bool
    operand: tuple[int, ...] = ()
    """Shape of the tensor that the function works on, where it has one."""
    tensor: Read | None = None
    """That tensor."""
    refused: bool = False
    """Whether Paddle raised, and the model's own code caught it."""
    healed: bool = False
    """Whether a remedy handed over a tensor in its place."""
    taker: Read | None = None
    """A result of the op that took it, where it is known which did."""


class Listener(Protocol):
    """Whom a tape tells; the session of its watch."""

    def follow(self, frame: FrameType) -> None:
        """A frame of the user's gets hold of a dim."""
        ...

    def running(self, conversion: int) -> int:
        """The conversion that is running: the given one, or that of a program that is built by hand; -1 for none."""
        ...

    def fault(self, what: str, error: BaseException) -> None:
        """Something was raised in the tape."""
        ...


class Tape:
    """Records one watch. See `shapetrace.dim.Tape` for whom it listens to.

    Args:
        listener: Whom it tells.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.closed = False
        self.conversion = -1
        """Index of the conversion that is running; -1 between conversions."""
        self.leaks = False
        """Whether the user's code has read a dim."""
        self.events: list[Event] = []
        self.arguments: list[Argument] = []
        self.untaken = 0
        """The first of the `arguments` of which it is open which op takes them."""
        self.computed: dict[tuple[CodeType, int], Any] = {}
        """The dim last computed by each instruction of the user's."""
        self.shapes: dict[tuple[CodeType, int], list[int]] = {}
        """The shape with unknown dims last read by each instruction of the user's."""
        self.objects: dict[int, tuple[Any, AnyDim]] = {}
        """By id, objects that cannot remember by themselves, and what stands for each."""
        self.entering: dict[int, tuple[int, list[AnyDim]]] = {}
        """By the id of a frame: the instruction it is at, and what that hands on and will not remember."""
        self.entered_last: tuple[int, int, list[AnyDim], int, int] | None = None
        """The same of what a C op got last: the frame, the instruction, what it handed on, and which `arguments` tell of it."""
        self.foreseen: tuple[CodeType, int] | None = None
        """The instruction that is known to compute with dims, so that it need not be told of how it reads them."""
        self.awaited: dict[int, AnyDim] = {}
        """By the id of its origin, each dim that `map` will convert once somebody asks for it: what comes of it is known."""
        self.undefined: float | None = None
        """What to go on with where Python has a complex number or `nan` for -1, of which nothing could be made."""

    def fault(self, what: str, error: BaseException) -> None:
        """See `shapetrace.dim.Tape`."""
        self._listener.fault(what, error)

    def running(self) -> int:
        """The conversion that is running; -1 for none."""
        return self._listener.running(self.conversion)

    # What dims report.

    def derived(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        """See `shapetrace.dim.Tape`."""
        asker = _asker(sys._getframe(1))
        frame = _asking(asker)
        if (
            self.undefined is not None
            and isinstance(value, complex)
            and not any(isinstance(item, complex) for item in operands)
        ):
            value = self.undefined
        dim: AnyDim = remember(value, Origin(op, operands, self._where(frame)), self)
        if frame is not None and dim.origin.place is not None:
            # What a library computes on the way to its result is none of the instruction that calls it.
            if asker is frame:
                at = frame.f_code, frames.instruction(frame)
                foreseen = self.computed.get(at) if self.foreseen == at else None
                if foreseen is not None and foreseen.origin.op == op and matches(value, foreseen):
                    dim.origin.operands = foreseen.origin.operands  # of which one may not remember by itself
                if foreseen is None or matches(value, foreseen):  # else it is on the way, as in `np.arange(n)`
                    self.computed[at] = dim
            self._listener.follow(frame)
        return dim

    def made(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        """See `shapetrace.dim.Tape`."""
        frame = _asking(sys._getframe(1))
        if self.undefined is not None and isinstance(value, float) and value != value:
            value = type(value)(self.undefined)
        if frame is not None:
            plain = tuple(item if isinstance(item, (*REMEMBERING, int, float)) else str(item) for item in operands)
            self.lose(frame, op, plain, value, "numpy")
        return value

    def lose(
        self, frame: FrameType, op: str, operands: tuple[Any, ...], value: Any, library: str = ""
    ) -> AnyDim | None:
        """The instruction that `frame` is at makes `value` of dims, which will not remember it: the tape does."""
        if not frames.users(frame):
            return None
        stand = self.part(frame, op, operands, value, library)
        self.foreseen = frame.f_code, frames.instruction(frame)
        self.computed[self.foreseen] = stand
        if isinstance(stand, Stand):
            self.objects[id(value)] = value, stand
        self._listener.follow(frame)
        return stand

    def part(self, frame: FrameType, op: str, operands: tuple[Any, ...], value: Any, library: str = "numpy") -> AnyDim:
        """What stands for a part of what `frame`, of the user's, holds, and will not remember."""
        stand: AnyDim = remember(value, Origin(op, operands, self._where(frame), library=library), self)
        stand.origin.lost = True
        return stand

    def entered(self, frame: FrameType | None, operation: str) -> None:
        """A C op runs below `frame`: what its caller handed on and will not remember is in the program."""
        inside, outer = _paddles(frame)
        if outer is None:
            return
        offset, dims = self.entering.pop(id(outer), (-1, []))
        if offset == frames.instruction(outer):
            at = len(self.arguments)
            self.add(inside, dims, operation, Where(frames.stack(outer), layer()), raised=False)
            self.entered_last = id(outer), offset, dims, at, len(self.arguments)

    def taken(self, frame: FrameType, operation: str, made: identity.Made | None) -> None:
        """A C op that `frame` calls has made something: the arguments on their way to it are in it.

        The op that bears the function's name takes them; until it comes, and while the same call goes on, the one that they reached first
        stands for it, as `pad3d` for `pad`.

        Args:
            frame: Paddle's, or the user's.
            operation: Name of the op.
            made: What `identity.made` says of its first result.
        """
        _, outer = _paddles(frame)
        at = (outer.f_code, outer.f_lasti) if outer is not None else None
        waiting = self.untaken
        for index in range(self.untaken, len(self.arguments)):
            argument = self.arguments[index]
            place = argument.where.place
            if place is None or (place.code, place.offset) != at:
                waiting = index + 1
            elif _same(argument.api, operation) or (argument.operation == operation and argument.taker is None):
                waiting = index + 1 if _same(argument.api, operation) else waiting
                if made is not None:
                    self.arguments[index] = argument._replace(taker=Read(argument.conversion, *made))
        self.untaken = waiting

    def take_back(self, dims: list[AnyDim]) -> None:
        """What the last C op was given of these, a remedy has healed: that is told in another way."""
        if self.entered_last is not None and dims:
            *_, first, last = self.entered_last
            kept = [
                argument
                for argument in self.arguments[first:last]
                if not any(argument.dim.origin is dim.origin for dim in dims)
            ]
            self.arguments[first:last] = kept
            self.untaken = min(self.untaken, len(self.arguments))
            self.entered_last = None

    def used(self, kind: UseKind, dim: AnyDim, op: str, other: Any, result: Any) -> None:
        """See `shapetrace.dim.Tape`."""
        frame = _asking(sys._getframe(1))
        if frame is None:
            return
        if self.foreseen == (frame.f_code, frames.instruction(frame)):  # on the way to what was worked out beforehand
            return
        if kind in ("int", "float") and self.awaited.pop(id(dim.origin), None) is not None:
            return
        if frames.users(frame):
            where = self._where(frame)
            if where is not None and self.running() >= 0:
                self.events.append(Event(kind, dim, op, where, self.conversion, other, result))
        elif leaked(dim):
            self._inside(frame, kind, dim, op, other, result)

    def _inside(self, frame: FrameType, kind: UseKind, dim: AnyDim, op: str, other: Any, result: Any) -> None:
        """Paddle's own code used a leaked dim in a way that leaves no dim."""
        own = _by_paddle(dim)
        if kind in ("int", "index", "float") or (kind in _DROPS and not own):
            self.passed(frame, [dim], operation="")
        elif own and kind in ("compare", "truth"):
            where = next(origin.place for origin in ancestry(dim) if origin.place is not None)
            self.events.append(Event(kind, dim, op, where, self.conversion, other, result))

    # What probes report.

    def read(self, tensor: Any, sizes: list[int], frame: FrameType | None) -> None:
        """The shape of `tensor`, which has unknown dims, was read by `frame`: make them dims, in place."""
        frame = frames.caller(frame)
        where = self._where(frame) or self._leaking(frame)
        running = self.running() if where is not None else self.conversion
        if running < 0:
            return  # a finished program is looked at: its sizes are what the user asked for
        self.conversion = running
        self.leaks = self.leaks or where is not None
        of = self._tensor(tensor) if where is not None else None
        for axis, size in enumerate(sizes):
            if size < 0:
                sizes[axis] = remember(size, Origin("read", (), where, tensor=of, axis=axis), self)
        if where is not None and frame is not None and not where.inside:
            self.shapes[frame.f_code, frame.f_lasti] = list(sizes)
            self._listener.follow(frame)

    def seen(self, kind: UseKind, dim: AnyDim, op: str, other: Any, result: Any, frame: FrameType) -> None:
        """The instruction that `frame` is about to run takes `dim` out of Python's sight."""
        event = self.use(kind, dim, op, other, result, frame)
        if event is not None:
            self.events.append(event)

    def use(self, kind: UseKind, dim: AnyDim, op: str, other: Any, result: Any, frame: FrameType) -> Event | None:
        """What the instruction that `frame` is about to run does with `dim`; None where that is not the user's."""
        where = self._where(frame)
        if where is None or self.running() < 0:
            return None
        return Event(kind, dim, op, where, self.conversion, other, result)

    def passed(self, frame: FrameType | None, dims: list[AnyDim], operation: str, argument: str = "") -> None:
        """Paddle's code below `frame` got `dims`; find the public call and the argument each came in by.

        Args:
            frame: Where the dims arrived.
            dims: The dims.
            operation: The C op they are for; empty where Paddle's Python code took them.
            argument: The argument of that op.
        """
        inside, frame = _paddles(frame)
        if frame is None:
            return
        own = [dim for dim in dims if _by_paddle(dim)]
        where = Where(frames.stack(frame), layer())
        self.add(inside, [dim for dim in dims if not _by_paddle(dim)], operation, where, raised=False)
        for dim in own:
            api, parameter, *_ = argument_of(inside, dim, operation)
            name = argument if operation else parameter
            self.arguments.append(Argument(dim, api, name, None, (), operation, where, self.conversion, raised=False))

    def healed(self, frame: FrameType, dims: list[AnyDim], function: str, argument: str, value: Any) -> None:
        """Paddle's `function`, called by `frame`, gets tensors in the place of `dims`, which were in an argument."""
        at = len(self.arguments)
        self.passed(frame, dims, "")
        for position in range(at, len(self.arguments)):
            argued = self.arguments[position]._replace(healed=True)
            if not argued.argument:  # nothing of Paddle's lies between the user's code and the function
                argued = argued._replace(
                    api=operators.PUBLIC.get(function, function),
                    argument=argument,
                    position=next((index for item, index in dims_in(value) if item is argued.dim), None),
                    elements=tuple(map(element, value)) if isinstance(value, list | tuple) else (),
                )
            self.arguments[position] = argued

    def add(self, inside: list[FrameType], dims: list[AnyDim], operation: str, where: Where, raised: bool) -> None:
        """A function of Paddle's got dims.

        Args:
            inside: The frames inside the user's innermost one, innermost first.
            dims: The dims.
            operation: The C op they are for, or empty.
            where: The user's call.
            raised: Whether it ended the conversion.
        """
        taken: set[tuple[str, int | None]] = set()
        for dim in {id(dim.origin): dim for handed in dims for dim in _users(handed)}.values():
            api, argument, index, elements, operand = argument_of(inside, dim, operation, taken)
            taken.add((argument, index))
            shape, tensor = (identity.shape(operand), self._tensor(operand)) if operand is not None else ((), None)
            self.arguments.append(
                Argument(dim, api, argument, index, elements, operation, where, self.conversion, raised, shape, tensor)
            )

    def stored(self, dim: AnyDim, attribute: str) -> None:
        """A layer keeps `dim` in an attribute after its conversion."""
        where = next(origin.place for origin in ancestry(dim) if origin.place is not None)
        self.events.append(Event("stored", dim, attribute, where, self.conversion))

    def _where(self, frame: FrameType | None) -> Where | None:
        """Where the user's code is; None if `frame` is not the user's."""
        if frame is None or not frames.users(frame):
            return None
        return Where(frames.stack(frame), layer())

    def _leaking(self, frame: FrameType | None) -> Where | None:
        """The user's call of a function of Paddle's that leaks by itself; None for any other function of Paddle's."""
        while frame is not None and frame.f_code.co_name in leaks.COMPREHENSIONS:
            frame = frame.f_back
        if frame is None or not leaks.reads(frame.f_code):
            return None
        name = frame.f_code.co_name
        while frame is not None and not frames.users(frame):
            if frame.f_code.co_name not in WRAPPERS:
                name = leaks.name(frame.f_code, frames.variables(frame).get("self")) or public_name(frame)
            frame = frame.f_back
        return Where(frames.stack(frame), layer(), name) if frame is not None else None

    def _tensor(self, tensor: Any) -> Read | None:
        made = identity.made(tensor)
        return Read(self.conversion, *made) if made is not None else None


def _same(function: str, operation: str) -> bool:
    """Whether an op bears the name of a function: `Tensor.add_` makes `add`."""
    return _DECORATION.sub("", operation) == _DECORATION.sub("", function)


def _paddles(frame: FrameType | None) -> tuple[list[FrameType], FrameType | None]:
    """The frames from `frame` outwards inside the user's innermost one, and that one."""
    inside: list[FrameType] = []
    while frame is not None and not frames.users(frame):
        if frames.kind(frame.f_code.co_filename) is not frames.OWN:
            inside.append(frame)
        frame = frame.f_back
    return inside, frame


def leaked(dim: AnyDim) -> bool:
    """Whether the user's code read the dim, or computed with it, at any step."""
    return any(origin.place is not None for origin in ancestry(dim))


def ancestry(dim: AnyDim) -> Iterator[Origin]:
    """The origins of a dim and of all it was computed from, itself first."""
    pending, visited = [dim.origin], set()
    while pending:
        origin = pending.pop()
        if id(origin) in visited:
            continue
        visited.add(id(origin))
        yield origin
        pending.extend(operand.origin for operand in reversed(origin.operands) if isinstance(operand, REMEMBERING))


def _asking(frame: FrameType | None) -> FrameType | None:
    """The frame that did something with a dim; None if that is shapetrace's own code, such as a remedy's."""
    frame = _asker(frame)
    if frame is None or frames.kind(frame.f_code.co_filename) is frames.OWN:
        return None
    return frames.caller(frame)


def _asker(frame: FrameType | None) -> FrameType | None:
    """The frame that did something with a dim itself, whoever's it is."""
    while frame is not None and frame.f_code.co_filename == _DIM_FILE:
        frame = frame.f_back
    return frame


def _by_paddle(dim: AnyDim) -> bool:
    """Whether Paddle's own code read all that the dim comes from."""
    reads = [origin for origin in ancestry(dim) if origin.op == "read"]
    return all(origin.place is None or origin.place.inside for origin in reads)


def _users(dim: AnyDim) -> Iterator[AnyDim]:
    """The dims of the user's that Paddle's own code computed `dim` from; itself, if it is the user's or a read."""
    if dim.origin.place is not None or dim.origin.op == "read":
        yield dim
    else:
        for operand in dim.origin.operands:
            if isinstance(operand, REMEMBERING):
                yield from _users(operand)


def layer() -> str:
    """Path of the layers that are running, such as `/Decoder/Linear/`; empty outside of layers."""
    framework = sys.modules.get("paddle.base.framework")
    name = getattr(framework, "_full_name_struct", None)  # absent from 2.6
    path = name() if name is not None else layer_paths.path()
    return "" if path == "/" else str(path)
