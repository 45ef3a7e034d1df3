"""What Python reads from a dim in C, where the dim itself hears nothing: `range(n)`, `items[:n]`, `0.5 * n`.

Once a frame of the user's has got hold of an unknown dim, its instructions are traced (`sys.settrace` with
`f_trace_opcodes`), and so are the frames the dim is handed on to. Before an instruction that could swallow a dim, its
operands are looked up (`shadows.py`): variables in the frame, and what the tape saw being read or computed at the same place. Where no
dim is about nothing is traced, and nothing is where a debugger or a coverage tool is tracing already. What comes out of
such an instruction is followed by `c_results.py`.

Not seen: names bound in a comprehension's own frame before Python 3.12.
"""

from __future__ import annotations

import ast
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.probes import carriers, refusals
from shapetrace.capture.probes.c_results import CResults
from shapetrace.capture.probes.elements import Opening
from shapetrace.capture.probes.shadows import FEW, Shadows
from shapetrace.capture.source import frames
from shapetrace.capture.source.expressions import UNKNOWN
from shapetrace.capture.source.sites import returned
from shapetrace.capture.source.stands import flat, graft, matches
from shapetrace.dim import NUMBERS, REMEMBERING, AnyDim, Dim, UseKind, value_of

if TYPE_CHECKING:
    from shapetrace.capture.tape import Event, Tape

_SEQUENCES = (list, tuple, str, bytes)
_PICKING = frozenset({"pop", "__getitem__"})
"""Methods that pick an element."""
_WRITTEN: dict[type[ast.AST], Any] = {ast.List: [], ast.Tuple: (), ast.JoinedStr: ""}
"""What stands for a sequence that is written where it is used."""


class BytecodeTracer:
    """Traces the frames that hold dims.

    Args:
        tape: Told what was found.
        fault: Told what went wrong in here.
    """

    def __init__(self, tape: Tape, fault: Callable[[str, BaseException], None]) -> None:
        self._tape = tape
        self._fault = fault
        self._arguments_of: dict[int, tuple[list[Any], dict[str, Any]]] = {}
        """By the id of a frame, the shadows of the arguments of its last call that hands on what will not remember: by position, and by name."""
        self._asked: dict[int, tuple[list[Event], int]] = {}
        """By the id of a frame: what it is about to index with, where that may be no sequence, and how much the tape had heard by then."""
        self._running = threading.local()
        self._shadows = Shadows(tape)
        self._lost = CResults(tape, self._shadows)

    def follow(self, frame: FrameType | None) -> None:
        """`frame`, of the user's, holds a dim from here on."""
        running = self._frames()
        tracer = sys.gettrace()
        if frame is None or self._tape.closed or id(frame) in running or tracer not in (None, self._called):
            return
        if frames.keeps_locals(frame.f_code):  # Python's tracing fills that dict anew
            return
        frame.f_trace = self._step
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        running.add(id(frame))
        if tracer is None:
            sys.settrace(self._called)

    def stop(self) -> None:
        """Trace nothing more in this thread. Frames still on the stack keep a tracer that does nothing."""
        self._frames().clear()
        if sys.gettrace() == self._called:
            sys.settrace(None)

    def convert_range(self, convert_range: Callable[..., Any]) -> Callable[..., Any]:
        """Paddle's `range` of rewritten code, which passes ints on to Python's."""

        def watched_range(*args: Any) -> Any:
            try:
                result = convert_range(*args)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise
            if isinstance(result, range) and not self._tape.closed:
                try:
                    for dim in args:
                        if isinstance(dim, Dim):
                            self._tape.used("range", dim, "range", None, len(result))
                except Exception as error:
                    self._fault("a range could not be followed", error)
            return result

        return watched_range

    def _frames(self) -> set[int]:
        """Ids of the frames traced in this thread."""
        running: set[int] | None = getattr(self._running, "frames", None)
        if running is None:
            running = self._running.frames = set()
        return running

    def _called(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Python's tracer: a function is about to run."""
        try:
            self._asked.pop(id(frame.f_back), None)
            if not self._tape.closed and frame.f_back is not None and id(frame.f_back) in self._tape.entering:
                handed = self._handed(frame)
                if handed is not None:
                    return handed
            if not self._tape.closed and frames.users(frame):
                self._called_again(frame)
                if (
                    frame.f_trace == self._step
                    or _is_part_of(frame, self._frames())
                    or any(map(_holds_dim, _reached(frame)))
                ):
                    self.follow(frame)
                    return frame.f_trace
        except Exception as error:
            self._fault("a call could not be followed", error)
        return None

    def _called_again(self, frame: FrameType) -> None:
        """C code calls a function with what it gave the last time: `functools.reduce(lambda a, b: a * b, sizes, 0.5)`."""
        outer = frame.f_back
        stand = self._tape.computed.get((outer.f_code, frames.instruction(outer))) if outer is not None else None
        if outer is None or not isinstance(stand, REMEMBERING) or not stand.origin.lost or not frames.users(outer):
            return
        variables: Any = frames.variables(frame)
        for name in _parameters(frame.f_code):
            if matches(variables.get(name), stand):
                self._lost.destinations.put(variables, name, stand)
                self.follow(frame)

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        """The tracer of one frame: an instruction is about to run, or the frame returns."""
        try:
            if (asked := self._asked.pop(id(frame), None)) is not None and event == "opcode":
                self._indexed(*asked)
            if event == "opcode" and not self._tape.closed:
                node = self._shadows.table(frame.f_code).get(frame.f_lasti)
                if node is not None:
                    self._tape.entering.pop(id(frame), None)
                    self._tape.entered_last = None
                    self._look(node, frame)
                opening = self._shadows.openings[frame.f_code].get(frame.f_lasti)
                if opening is not None:
                    self._open(opening, frame)
                self._lost.destinations.settle(frame)
            elif event == "exception" and not self._tape.closed:
                self._raised(frame, argument[1], argument[2])
            elif event == "return":
                self._leave(frame, argument)
        except Exception as error:
            self._fault("an instruction could not be followed", error)
        return self._step

    def _open(self, opening: Opening, frame: FrameType) -> None:
        """Elements are about to be assigned to variables, or collected in a list."""
        if opening.kind == "collects":
            self._lost.destinations.collecting(frame, opening.wholes[0])
            return
        outer = frame.f_back if opening.outside and frame.f_back is not None else frame
        self._lost.opened(opening, [self._shadows.known(whole, outer) for whole in opening.wholes], frame)

    def _leave(self, frame: FrameType, result: Any) -> None:
        running = self._frames()
        running.discard(id(frame))
        self._tape.entering.pop(id(frame), None)
        outer = frame.f_back
        self._returned(frame, result)
        self._lost.left(frame, result)
        self._arguments_of.pop(id(frame), None)
        if _holds_dim(result) and outer is not None and frames.users(outer):
            self.follow(outer)
        if not running and sys.gettrace() == self._called:
            sys.settrace(None)

    def _raised(self, frame: FrameType, error: BaseException, traceback: TracebackType) -> None:
        """An exception has reached `frame`: the model may catch it, and then nobody else hears of it."""
        raised = frames.traceback_frames(traceback)
        users = [inner for inner, place in raised if frames.is_users(place.kind)]
        if users and users[0] is frame:
            refusals.caught(self._tape, raised, error, self.blamed(raised, error))

    def blamed(self, raised: refusals.Raised, error: BaseException) -> list[AnyDim]:
        """The leaked dims in the user's expression that raised, those that will not remember among them.

        Args:
            raised: The frames of a traceback, innermost first.
            error: What was raised.
        """
        frame, place = next(((frame, place) for frame, place in raised if frames.is_users(place.kind)), (None, None))
        if frame is None or place is None:
            return []
        node = self._shadows.table(place.code).get(frames.last_instruction(place.code, place.offset))
        return refusals.blamed(node, error, lambda part: self._shadows.known(part, frame)) if node is not None else []

    def _returned(self, frame: FrameType, result: Any) -> None:
        """What a frame gave back will not remember: it goes on in the caller."""
        before = frames.handed_on(frame.f_code, frame.f_lasti)
        stand = self._tape.computed.get((frame.f_code, before)) if before >= 0 else None
        if stand is None and self._lost.destinations.gives(frame) and (given := returned(frame)) is not None:
            stand = self._shadows.known(given, frame)
        outer = frames.caller(frame.f_back)
        if not isinstance(stand, (*REMEMBERING, list, dict)) or outer is None or not frames.users(outer):
            return
        at, destinations = frames.instruction(outer), self._lost.destinations
        node = self._shadows.table(outer.f_code).get(at)
        if isinstance(stand, list | dict):
            if isinstance(result, list | tuple | set | dict | map | zip):
                self.follow(outer)
                destinations.returned(outer, node, stand)
        elif stand.origin.lost and matches(result, stand):
            self.follow(outer)
            destinations.keep(result, stand)
            if not destinations.collected(outer, node, stand, frame) and not self._lost.reduced(node, outer):
                self._tape.computed[outer.f_code, at] = stand
                if node is not None:
                    destinations.note(outer, node, stand)

    def _handed(self, frame: FrameType) -> Any:
        """A function is called with what will not remember: let it know. The tracer of a library's function, or None."""
        outer = frame.f_back
        assert outer is not None
        offset, dims = self._tape.entering.get(id(outer), (-1, []))
        kind = frames.kind(frame.f_code.co_filename)
        if offset != frames.instruction(outer) or kind is frames.PADDLE:
            return None
        if frames.is_users(kind):
            variables = frame.f_locals
            code = frame.f_code
            parameters = _parameters(code)
            for name in parameters[code.co_argcount + code.co_kwonlyargcount :]:  # *sizes, **sizes
                variables[name] = graft(variables.get(name), dims, self._lost.destinations.keep)
                self.follow(frame)
            for name, shadow in self._containers(parameters, id(outer)):
                variables[name] = graft(variables.get(name), shadow, self._lost.destinations.keep)
                self.follow(frame)
            for name in parameters[: code.co_argcount + code.co_kwonlyargcount]:
                for dim in dims:
                    if matches(variables.get(name), dim):
                        self._lost.destinations.put(variables, name, dim)
                        self.follow(frame)
                        break
            return frame.f_trace if frame.f_trace == self._step else None
        return None

    def _containers(self, parameters: tuple[str, ...], outer: int) -> Iterator[tuple[str, Any]]:
        """The parameters that a call by the frame `outer` gives a list or dict with what will not remember, and its shadow."""
        by_position, by_name = self._arguments_of.get(outer, ([], {}))
        bound = parameters[:1] in (("self",), ("cls",))
        for name, shadow in (*zip(parameters[bound:], by_position, strict=False), *by_name.items()):
            if isinstance(shadow, list | dict) and name in parameters:
                yield name, shadow

    def _look(self, node: ast.AST, frame: FrameType) -> None:
        """Report the dims that the instruction at `node` swallows."""
        self._foresee(node, frame)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and self._shadows.value(node.func, frame) is range:
                values = [self._shadows.value(item, frame) for item in node.args]
                if values and all(isinstance(value, int) for value in values) and 0 not in values[2:]:
                    times = len(range(*map(value_of, values)))
                    for dim in values:
                        self._report("range", dim, "range", None, times, frame)
            elif isinstance(node.func, ast.Attribute) and node.func.attr in _PICKING:
                self._pick(node.func.attr, node.func.value, node.args, True, frame)
        elif isinstance(node, ast.BinOp):
            dim, other = self._shadows.value(node.right, frame), self._shadows.value(node.left, frame)
            if isinstance(dim, Dim) and isinstance(other, str) and isinstance(node.op, ast.Mod):
                self._report("text", dim, "%", other, other, frame)
            if isinstance(node.op, ast.Mult):
                self._repeated(node, frame)
        elif isinstance(node, ast.Subscript):
            self._pick("[]", node.value, [*_index(node.slice)], isinstance(node.ctx, ast.Load), frame)

    def _pick(self, op: str, container: ast.expr, index: list[ast.expr], loads: bool, frame: FrameType) -> None:
        """Elements are about to be picked. What is no sequence, or not known to be one, is judged by what comes of it (`_indexed`)."""
        values = [self._shadows.value(part, frame) for part in index]
        dims = [value for value in values if isinstance(value, Dim)]
        picked = self._shadows.written(container, frame) if dims else UNKNOWN
        kind = type(picked).__name__ if picked is not UNKNOWN else ""
        if isinstance(picked, _SEQUENCES):
            for dim in dims:
                self._report("subscript", dim, op, kind, None, frame)
        elif dims and loads:
            uses = [self._tape.use("subscript", dim, op, kind, None, frame) for dim in dims]
            self._asked[id(frame)] = [use for use in uses if use is not None], self._heard()

    def _heard(self) -> int:
        """How much the tape has heard of."""
        return len(self._tape.events) + len(self._tape.arguments)

    def _indexed(self, uses: list[Event], heard: int) -> None:
        """Something was indexed, and ran no function of Python's. What looks for a key asks the dim for its hash: else it is a sequence."""
        if heard == self._heard() and not self._tape.closed:
            self._tape.events += uses

    def _repeated(self, node: ast.BinOp, frame: FrameType) -> None:
        """A list or text is repeated by a number that will not remember; one that does is asked by Python itself."""
        for count, items in ((node.left, node.right), (node.right, node.left)):
            dim, sequence = self._shadows.known(count, frame), self._shadows.value(items, frame)
            sequence = _WRITTEN.get(type(items), sequence)
            if isinstance(dim, Dim) and dim.origin.lost and isinstance(sequence, _SEQUENCES):
                self._report("operand", dim, "*", sequence, None, frame)

    def _foresee(self, node: ast.AST, frame: FrameType) -> None:
        """Work out what the instruction at `node` makes of dims, and what it hands on that will not remember."""
        self._tape.computed.pop((frame.f_code, frame.f_lasti), None)
        if self._tape.foreseen == (frame.f_code, frame.f_lasti):
            self._tape.foreseen = None
        values: list[Any] = []
        if isinstance(node, ast.BinOp):
            values = [self._shadows.known(node.left, frame), self._shadows.known(node.right, frame)]
            self._lost.combine(node, values[0], values[1], frame)
        elif isinstance(node, ast.AugAssign):
            values = [self._shadows.known(node.target, frame), self._shadows.known(node.value, frame)]
            self._lost.combine(node, values[0], values[1], frame)
        elif isinstance(node, ast.UnaryOp):
            self._lost.negate(node, self._shadows.known(node.operand, frame), frame)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            values = [self._shadows.known(node.left, frame), self._shadows.known(node.comparators[0], frame)]
            self._lost.compare(node, values[0], values[1], frame)
        elif isinstance(node, ast.Subscript):
            self._lost.element(
                node, self._shadows.known(node.value, frame), self._shadows.index(node.slice, frame), frame
            )
            values = [self._shadows.known(part, frame) for part in _index(node.slice)]
            parent = getattr(node, "parent", None)
            if isinstance(node.ctx, ast.Store) and isinstance(parent, ast.Assign | ast.AugAssign):
                values.append(self._shadows.known(parent.value, frame))
        elif isinstance(node, ast.Call) and (arguments := self._shadows.arguments(node, frame)) is not None:
            function, owner = self._shadows.value(node.func, frame), None
            if isinstance(node.func, ast.Attribute):
                owner = self._shadows.known(node.func.value, frame)
            values = arguments
            if self._lost.call(node, function, owner, values, frame):
                return
            if isinstance(node.func, ast.Attribute) and (kept := carriers.kept(node, values)):
                self._lost.destinations.changed(frame, node.func.value, kept)
        handed = [
            item for value in values for item in flat(value) if isinstance(item, REMEMBERING) and item.origin.lost
        ]
        if handed:
            self._tape.entering[id(frame)] = frame.f_lasti, handed
            words = node.keywords if isinstance(node, ast.Call) else []
            by_name = zip((word.arg or "" for word in words), values[len(values) - len(words) :], strict=True)
            self._arguments_of[id(frame)] = values[: len(values) - len(words)], dict(by_name)

    def _report(self, kind: UseKind, dim: Any, op: str, other: Any, result: Any, frame: FrameType) -> None:
        if isinstance(dim, Dim):
            self._tape.seen(kind, dim, op, other, result, frame)


def _index(node: ast.expr) -> Iterator[ast.expr]:
    """The numbers that an index is made of."""
    if isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _index(item)
    elif isinstance(node, ast.Slice):
        yield from (part for part in (node.lower, node.upper, node.step) if part is not None)
    else:
        yield node


@lru_cache(maxsize=4096)
def _parameters(code: CodeType) -> tuple[str, ...]:
    """The parameters of a function: `*sizes` and `**sizes` last."""
    gathering = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + gathering]


def _reached(frame: FrameType) -> Iterator[Any]:
    """What a function that is about to run is given, what it closes over, and what the object holds that it is a method of."""
    variables = frames.variables(frame)
    code = frame.f_code
    for name in (*_parameters(code), *code.co_freevars):
        yield variables.get(name)
    if code.co_varnames[:1] == ("self",):
        held = None
        with suppress(AttributeError):  # slots
            held = object.__getattribute__(variables.get("self"), "__dict__")
        if type(held) is dict and len(held) < FEW:
            yield from held.values()


def _is_part_of(frame: FrameType, running: set[int]) -> bool:
    """Whether a frame runs a comprehension of a function that is followed."""
    return frames.runs_comprehension(frame.f_code) and id(frame.f_back) in running


def _holds_dim(value: Any) -> bool:
    items = value.values() if type(value) is dict else value
    return isinstance(value, NUMBERS) or (
        (type(value) is dict or isinstance(value, list | tuple)) and any(isinstance(item, NUMBERS) for item in items)
    )
