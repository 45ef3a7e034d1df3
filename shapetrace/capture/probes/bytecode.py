"""What Python reads from a dim in C, where the dim itself hears nothing: `range(n)`, `items[:n]`, `0.5 * n`.

Once a frame of the user's has got hold of an unknown dim, its instructions are traced (`sys.settrace` with
`f_trace_opcodes`), and so are the frames the dim is handed on to. Before an instruction that could swallow a dim, its
operands are looked up: variables in the frame, and what the tape saw being read or computed at the same place. Where no
dim is about nothing is traced, and nothing is where a debugger or a coverage tool is tracing already. What comes out of
such an instruction is followed by `c_results.py`.

Not seen: names bound in a comprehension's own frame before Python 3.12.
"""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.probes import carriers, pure_functions, refusals
from shapetrace.capture.probes.c_results import UNKNOWN, CResults, constant, operator_of
from shapetrace.capture.probes.elements import Opening, openings
from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import executing_node, returned
from shapetrace.capture.source.stands import flat, graft, matches
from shapetrace.dim import NUMBERS, REMEMBERING, AnyDim, Dim, UseKind, value_of

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape

_SWALLOWING = (
    *("CALL", "BINARY_", "INPLACE_", "BUILD_SLICE", "STORE_SUBSCR", "STORE_SLICE"),
    *("COMPARE_OP", "UNARY_NEGATIVE"),
)
"""Beginnings of the names of instructions that may read an int in C, on Python 3.10 to 3.13."""
_SEQUENCES = (list, tuple, str, bytes)
_WRITTEN: dict[type[ast.AST], Any] = {ast.List: [], ast.Tuple: (), ast.JoinedStr: ""}
"""What stands for a sequence that is written where it is used."""
_FEW = 64
"""Elements of a container that are looked at."""
_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_NOWHERE: tuple[Any, int] = (None, -1)


class BytecodeTracer:
    """Traces the frames that hold dims.

    Args:
        tape: Told what was found.
        fault: Told what went wrong in here.
    """

    def __init__(self, tape: Tape, fault: Callable[[str, BaseException], None]) -> None:
        self._tape = tape
        self._fault = fault
        self._tables: dict[CodeType, dict[int, ast.AST]] = {}
        self._openings: dict[CodeType, dict[int, Opening]] = {}
        self._offsets: dict[int, tuple[CodeType, int]] = {}  # id of a node to where it runs; `_tables` keeps the node
        self._arguments_of: dict[int, tuple[list[Any], dict[str, Any]]] = {}
        """By the id of a frame, the shadows of the arguments of its last call that hands on what will not remember: by position, and by name."""
        self._running = threading.local()
        self._lost = CResults(tape, self._known)

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
        variables = frame.f_locals
        for name in _parameters(frame.f_code):
            if matches(variables.get(name), stand):
                self._lost.destinations.put(variables, name, stand)
                self.follow(frame)

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        """The tracer of one frame: an instruction is about to run, or the frame returns."""
        try:
            if event == "opcode" and not self._tape.closed:
                node = self._table(frame.f_code).get(frame.f_lasti)
                if node is not None:
                    self._tape.entering.pop(id(frame), None)
                    self._tape.entered_last = None
                    self._look(node, frame)
                opening = self._openings[frame.f_code].get(frame.f_lasti)
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
        self._lost.opened(opening, [self._known(whole, outer) for whole in opening.wholes], frame)

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
        node = self._table(place.code).get(frames.last_instruction(place.code, place.offset))
        return refusals.blamed(node, error, lambda part: self._known(part, frame)) if node is not None else []

    def _returned(self, frame: FrameType, result: Any) -> None:
        """What a frame gave back will not remember: it goes on in the caller."""
        before = frames.handed_on(frame.f_code, frame.f_lasti)
        stand = self._tape.computed.get((frame.f_code, before)) if before >= 0 else None
        if stand is None and self._lost.destinations.gives(frame) and (given := returned(frame)) is not None:
            stand = self._known(given, frame)
        outer = frames.caller(frame.f_back)
        if not isinstance(stand, (*REMEMBERING, list, dict)) or outer is None or not frames.users(outer):
            return
        at, destinations = frames.instruction(outer), self._lost.destinations
        node = self._table(outer.f_code).get(at)
        if isinstance(stand, list | dict):
            if isinstance(result, list | tuple | dict | map | zip):
                self.follow(outer)
                destinations.returned(outer, node, stand)
        elif stand.origin.lost and matches(result, stand):
            self.follow(outer)
            destinations.keep(result, stand)
            if not destinations.collected(outer, node, stand):
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
            if isinstance(node.func, ast.Name) and self._value(node.func, frame) is range:
                values = [self._value(item, frame) for item in node.args]
                if values and all(isinstance(value, int) for value in values) and 0 not in values[2:]:
                    times = len(range(*map(value_of, values)))
                    for dim in values:
                        self._report("range", dim, "range", None, times, frame)
        elif isinstance(node, ast.BinOp):
            dim, other = self._value(node.right, frame), self._value(node.left, frame)
            if isinstance(dim, Dim) and isinstance(other, str) and isinstance(node.op, ast.Mod):
                self._report("text", dim, "%", other, other, frame)
            if isinstance(node.op, ast.Mult):
                self._repeated(node, frame)
        elif isinstance(node, ast.Subscript):
            container = self._table_of(node.value, frame)
            if isinstance(container, _SEQUENCES) and not isinstance(container, str | bytes):
                index = node.slice
                parts = [index.lower, index.upper, index.step] if isinstance(index, ast.Slice) else [index]
                for part in parts:
                    dim = self._value(part, frame) if part is not None else None
                    self._report("subscript", dim, "[]", container, None, frame)

    def _repeated(self, node: ast.BinOp, frame: FrameType) -> None:
        """A list or text is repeated by a number that will not remember; one that does is asked by Python itself."""
        for count, items in ((node.left, node.right), (node.right, node.left)):
            dim, sequence = self._known(count, frame), self._value(items, frame)
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
            values = [self._known(node.left, frame), self._known(node.right, frame)]
            self._lost.combine(node, values[0], values[1], frame)
        elif isinstance(node, ast.AugAssign):
            values = [self._known(node.target, frame), self._known(node.value, frame)]
            self._lost.combine(node, values[0], values[1], frame)
        elif isinstance(node, ast.UnaryOp):
            self._lost.negate(node, self._known(node.operand, frame), frame)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            values = [self._known(node.left, frame), self._known(node.comparators[0], frame)]
            self._lost.compare(node, values[0], values[1], frame)
        elif isinstance(node, ast.Subscript):
            self._lost.element(node, self._known(node.value, frame), self._part(node.slice, frame), frame)
            values = [self._known(part, frame) for part in _index(node.slice)]
            parent = getattr(node, "parent", None)
            if isinstance(node.ctx, ast.Store) and isinstance(parent, ast.Assign | ast.AugAssign):
                values.append(self._known(parent.value, frame))
        elif isinstance(node, ast.Call) and (arguments := self._arguments(node, frame)) is not None:
            function, owner = self._value(node.func, frame), None
            if isinstance(node.func, ast.Attribute):
                owner = self._known(node.func.value, frame)
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

    def _arguments(self, node: ast.Call, frame: FrameType) -> list[Any] | None:
        """The shadows of the arguments of a call: those by position, then those by name; None where they cannot be told apart."""
        values: list[Any] = []
        for item in node.args:
            value = self._known(item.value if isinstance(item, ast.Starred) else item, frame)
            if not isinstance(item, ast.Starred):
                values.append(value)
            elif isinstance(value, list | tuple):
                values += value
            else:
                return None
        return [*values, *(self._known(word.value, frame) for word in node.keywords)]

    def _known(self, node: ast.AST, frame: FrameType) -> Any:
        """The shadow of an operand: what it is, and what stands for it if it will not remember."""
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._elements(node.elts, frame)
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return {key.value: self._known(value, frame) for key, value in pairs if isinstance(key, ast.Constant)}
        if isinstance(node, ast.IfExp | ast.BoolOp):
            parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
            chosen = [self._known(part, frame) for part in parts]
            return next((item for item in chosen if isinstance(item, REMEMBERING)), UNKNOWN)
        if isinstance(node, ast.NamedExpr):
            return self._known(node.value, frame)
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            return self._lost.destinations.gathered(node) or UNKNOWN
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [self._known(side, frame) for side in (node.left, node.right)]
            if any(isinstance(side, list) for side in sides):  # [int(n * 0.5)] + [-1] * 3
                return [item for side in sides if isinstance(side, list) for item in side]
        value = self._value(node, frame)
        if isinstance(value, dict):  # f(**settings)
            return {key: self._lost.found(item) for key, item in value.items()} if len(value) < _FEW else value
        if isinstance(value, list | tuple) and len(value) < _FEW:
            return [self._lost.found(item) for item in value]
        return self._lost.found(value)

    def _elements(self, nodes: list[ast.expr], frame: FrameType) -> list[Any]:
        """The shadow of a list, tuple or set that is written out."""
        shadow: list[Any] = []
        for node in nodes:
            value = self._known(node.value if isinstance(node, ast.Starred) else node, frame)
            shadow += value if isinstance(node, ast.Starred) and isinstance(value, list | tuple) else [value]
        return shadow

    def _report(self, kind: UseKind, dim: Any, op: str, other: Any, result: Any, frame: FrameType) -> None:
        if isinstance(dim, Dim):
            self._tape.seen(kind, dim, op, other, result, frame)

    def _table(self, code: CodeType) -> dict[int, ast.AST]:
        """Instruction offset to syntax node, for the instructions that matter."""
        table = self._tables.get(code)
        if table is None:
            table = self._tables[code] = {}
            self._openings[code] = openings(code)
            for instruction in dis.get_instructions(code):
                swallows = instruction.opname.startswith(_SWALLOWING)
                reads = instruction.opname.startswith("LOAD_ATTR") and instruction.argval == "shape"
                if swallows or reads or instruction.opname.startswith("UNARY_"):  # `2.0 ** -n`
                    line = (
                        instruction.positions.lineno if sys.version_info >= (3, 11) and instruction.positions else None
                    )
                    place = Place(code, instruction.offset, line or _line(code, instruction.offset))
                    node = executing_node(place)
                    if node is None:
                        continue
                    self._offsets[id(node)] = code, instruction.offset
                    if swallows:
                        table[instruction.offset] = node
        return table

    def _value(self, node: ast.AST, frame: FrameType) -> Any:
        """What an operand is, without running anything of the user's; `UNKNOWN` where that cannot be told."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            return ast.literal_eval(node) if isinstance(node.op, ast.USub | ast.UAdd) else UNKNOWN
        if isinstance(node, ast.Name):
            values = frames.variables(frame)
            if node.id in values:
                return values[node.id]
            return frame.f_globals.get(node.id, getattr(builtins, node.id, UNKNOWN))
        if isinstance(node, ast.Attribute) and node.attr == "shape" and id(node) in self._offsets:
            return self._tape.shapes.get(self._offsets[id(node)], UNKNOWN)
        if isinstance(node, ast.Attribute):
            owner = self._value(node.value, frame)
            return getattr(owner, "__dict__", {}).get(node.attr, UNKNOWN) if owner is not UNKNOWN else UNKNOWN
        if isinstance(node, ast.Subscript) and self._offsets.get(id(node), _NOWHERE) not in self._tape.computed:
            return self._element(node, frame)
        where = self._offsets.get(id(node))
        value = self._tape.computed.get(where, UNKNOWN) if where is not None else UNKNOWN
        return self._constant(node, frame) if value is UNKNOWN else value

    def _table_of(self, node: ast.expr, frame: FrameType) -> Any:
        """What is subscripted: also a list that is written there."""
        try:
            return ast.literal_eval(node) if isinstance(node, ast.List | ast.Tuple) else self._value(node, frame)
        except ValueError:
            return UNKNOWN

    def _constant(self, node: ast.AST, frame: FrameType) -> Any:
        """What operators, and functions that only compute, make of plain numbers: `np.arange(0, 8, 2) / np.log(2)`."""
        if isinstance(node, ast.BinOp):
            return constant(operator_of(node), [self._found(side, frame) for side in (node.left, node.right)])
        if not isinstance(node, ast.Call) or node.keywords or any(isinstance(item, ast.Starred) for item in node.args):
            return UNKNOWN
        function = _answered(self._value(node.func, frame))
        if not pure_functions.library(function) and not any(function is kind for kind in pure_functions.BUILTINS):
            return UNKNOWN
        return constant(function, [self._found(item, frame) for item in node.args])

    def _found(self, node: ast.AST, frame: FrameType) -> Any:
        """What one value is, and what stands for it; `_known` would walk a long sum anew at each of its terms."""
        return self._lost.found(self._value(node, frame))

    def _part(self, node: ast.expr, frame: FrameType) -> Any:
        """The index of an array: a number, a slice, None, or several of them; `UNKNOWN` for any other."""
        if isinstance(node, ast.Tuple):
            parts = [self._part(item, frame) for item in node.elts]
            return UNKNOWN if any(part is UNKNOWN for part in parts) else tuple(parts)
        if isinstance(node, ast.Slice):
            bounds = [self._part(bound, frame) if bound else None for bound in (node.lower, node.upper, node.step)]
            return UNKNOWN if any(bound is UNKNOWN for bound in bounds) else slice(*bounds)
        value = self._value(node, frame)
        return value if value is None or value is ... or type(value) is int else UNKNOWN

    def _element(self, node: ast.Subscript, frame: FrameType) -> Any:
        index = _slice(node.slice) if isinstance(node.slice, ast.Slice) else self._value(node.slice, frame)
        sizes: Any = None
        if type(index) is str:
            items = self._known(node.value, frame)
            return items.get(index, UNKNOWN) if type(items) is dict else UNKNOWN
        if type(index) is not int and type(index) is not slice:
            return UNKNOWN
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            where = self._offsets.get(id(node.value))
            sizes = self._tape.shapes.get(where) if where is not None else None
        else:
            container = self._known(node.value, frame)
            sizes = container if isinstance(container, list | tuple) else None
        if sizes is None:
            return UNKNOWN
        if isinstance(index, slice):
            return sizes[index]
        return sizes[index] if -len(sizes) <= index < len(sizes) else UNKNOWN


def _index(node: ast.expr) -> Iterator[ast.expr]:
    """The numbers that an index is made of."""
    if isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _index(item)
    elif isinstance(node, ast.Slice):
        yield from (part for part in (node.lower, node.upper, node.step) if part is not None)
    else:
        yield node


def _slice(node: ast.Slice) -> Any:
    """A slice whose bounds are written as numbers; `UNKNOWN` for any other."""
    try:
        return slice(
            *(None if part is None else ast.literal_eval(part) for part in (node.lower, node.upper, node.step))
        )
    except ValueError:
        return UNKNOWN


def _line(code: CodeType, offset: int) -> int:
    return next((line for start, end, line in code.co_lines() if start <= offset < end and line), code.co_firstlineno)


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
        with suppress(AttributeError):  # slots
            held = object.__getattribute__(variables.get("self"), "__dict__")
            yield from held.values() if len(held) < _FEW else ()


def _is_part_of(frame: FrameType, running: set[int]) -> bool:
    """Whether a frame runs a comprehension of a function that is followed."""
    return frame.f_code.co_name in _COMPREHENSIONS and id(frame.f_back) in running


def _holds_dim(value: Any) -> bool:
    items = value.values() if type(value) is dict else value
    return isinstance(value, NUMBERS) or (
        (type(value) is dict or isinstance(value, list | tuple)) and any(isinstance(item, NUMBERS) for item in items)
    )


def _answered(function: Any) -> Any:
    """The function of Python's that one of shapetrace's own answers for while a remedy is applied."""
    code = getattr(function, "__code__", None)
    own = isinstance(code, CodeType) and frames.kind(code.co_filename) is frames.OWN
    return getattr(function, "__wrapped__", function) if own else function
