"""What Python reads from a dim in C, where the dim itself hears nothing: `range(n)`, `items[:n]`, `0.5 * n`.

Once a frame of the user's has got hold of an unknown dim, its instructions are traced (`sys.settrace` with
`f_trace_opcodes`), and so are the frames the dim is handed on to. Before an instruction that could swallow a dim, its
operands are looked up: variables in the frame, and what the tape saw being read or computed at the same place. Where no
dim is about nothing is traced, and nothing is where a debugger or a coverage tool is tracing already.

Not seen: an operand that is the result of a call which keeps no dim, and names bound in a comprehension's own frame
before Python 3.12.
"""

from __future__ import annotations

import ast
import builtins
import dis
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from shapetrace.capture import frames
from shapetrace.capture.frames import Place
from shapetrace.capture.sites import executing_node
from shapetrace.dim import Dim, value_of

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape

_SWALLOWING = ("CALL", "BINARY_", "BUILD_SLICE", "STORE_SUBSCR", "STORE_SLICE")
"""Beginnings of the names of instructions that may read an int in C, on Python 3.10 to 3.13."""
_SEQUENCES = (list, tuple, str, bytes)
_UNKNOWN = object()


class Steps:
    """Traces the frames that hold dims.

    Args:
        tape: Told what was found.
        fault: Told what went wrong in here.
    """

    def __init__(self, tape: Tape, fault: Callable[[str, BaseException], None]) -> None:
        self._tape = tape
        self._fault = fault
        self._tables: dict[CodeType, dict[int, ast.AST]] = {}
        self._offsets: dict[int, tuple[CodeType, int]] = {}  # id of a node to where it runs; `_tables` keeps the node
        self._running = threading.local()

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
            if not self._tape.closed and frames.is_users(frames.kind(frame.f_code.co_filename)):
                code = frame.f_code
                if frame.f_trace == self._step or any(
                    _holds_dim(frames.variables(frame).get(name)) for name in code.co_varnames[: code.co_argcount]
                ):
                    self.follow(frame)
                    return frame.f_trace
        except Exception as error:
            self._fault("a call could not be followed", error)
        return None

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        """The tracer of one frame: an instruction is about to run, or the frame returns."""
        try:
            if event == "opcode" and not self._tape.closed:
                node = self._table(frame.f_code).get(frame.f_lasti)
                if node is not None:
                    self._look(node, frame)
            elif event == "exception" and not self._tape.closed:
                self._raised(frame, argument[2])
            elif event == "return":
                self._leave(frame, argument)
        except Exception as error:
            self._fault("an instruction could not be followed", error)
        return self._step

    def _leave(self, frame: FrameType, result: Any) -> None:
        running = self._frames()
        running.discard(id(frame))
        outer = frame.f_back
        if _holds_dim(result) and outer is not None and frames.is_users(frames.kind(outer.f_code.co_filename)):
            self.follow(outer)
        if not running and sys.gettrace() == self._called:
            sys.settrace(None)

    def _raised(self, frame: FrameType, traceback: TracebackType) -> None:
        """An exception has reached `frame`: the model may catch it, and then nobody else hears of it."""
        raised = frames.traceback_frames(traceback)
        users = [inner for inner, place in raised if frames.is_users(place.kind)]
        if users and users[0] is frame:
            self._tape.refused(frame, raised)

    def _look(self, node: ast.AST, frame: FrameType) -> None:
        """Report the dims that the instruction at `node` swallows."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and self._value(node.func, frame) is range:
                values = [self._value(item, frame) for item in node.args]
                if all(isinstance(value, int) for value in values):
                    times = len(range(*map(value_of, values)))
                    for dim in values:
                        self._report("range", dim, "range", None, times, frame)
        elif isinstance(node, ast.BinOp):
            dim, other = self._value(node.right, frame), self._value(node.left, frame)
            if isinstance(dim, Dim) and isinstance(other, str) and isinstance(node.op, ast.Mod):
                self._report("text", dim, "%", other, other, frame)
            elif isinstance(dim, Dim) and isinstance(other, float):
                self._report("operand", dim, "float", other, f"a float of {value_of(dim)}", frame)
        elif isinstance(node, ast.Subscript):
            container = self._value(node.value, frame)
            if isinstance(container, _SEQUENCES) and not isinstance(container, str | bytes):
                index = node.slice
                parts = [index.lower, index.upper, index.step] if isinstance(index, ast.Slice) else [index]
                for part in parts:
                    dim = self._value(part, frame) if part is not None else None
                    self._report("subscript", dim, "[]", container, None, frame)

    def _report(self, kind: str, dim: Any, op: str, other: Any, result: Any, frame: FrameType) -> None:
        if isinstance(dim, Dim):
            self._tape.seen(kind, dim, op, other, result, frame)

    def _table(self, code: CodeType) -> dict[int, ast.AST]:
        """Instruction offset to syntax node, for the instructions that matter."""
        table = self._tables.get(code)
        if table is None:
            table = self._tables[code] = {}
            for instruction in dis.get_instructions(code):
                swallows = instruction.opname.startswith(_SWALLOWING)
                if swallows or (instruction.opname.startswith("LOAD_ATTR") and instruction.argval == "shape"):
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
        """What an operand is, without running anything of the user's; `_UNKNOWN` where that cannot be told."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            values = frames.variables(frame)
            if node.id in values:
                return values[node.id]
            return frame.f_globals.get(node.id, getattr(builtins, node.id, _UNKNOWN))
        if isinstance(node, ast.Attribute):
            owner = self._value(node.value, frame)
            return getattr(owner, "__dict__", {}).get(node.attr, _UNKNOWN) if owner is not _UNKNOWN else _UNKNOWN
        if isinstance(node, ast.Subscript):
            return self._element(node, frame)
        where = self._offsets.get(id(node))
        return self._tape.computed.get(where, _UNKNOWN) if where is not None else _UNKNOWN

    def _element(self, node: ast.Subscript, frame: FrameType) -> Any:
        index = self._value(node.slice, frame)
        sizes: Any = None
        if type(index) is not int:
            return _UNKNOWN
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            where = self._offsets.get(id(node.value))
            sizes = self._tape.shapes.get(where) if where is not None else None
        else:
            container = self._value(node.value, frame)
            sizes = container if isinstance(container, list | tuple) else None
        return sizes[index] if sizes is not None and -len(sizes) <= index < len(sizes) else _UNKNOWN


def _line(code: CodeType, offset: int) -> int:
    return next((line for start, end, line in code.co_lines() if start <= offset < end and line), code.co_firstlineno)


def _holds_dim(value: Any) -> bool:
    return type(value) is Dim or (isinstance(value, list | tuple) and any(type(item) is Dim for item in value))
