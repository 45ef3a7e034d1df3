"""What the expressions of a running frame are, and what stands for those that will not remember: their shadows (see `stands.py`).

Nothing of the user's is run for it: variables are looked up in the frame, and what was read or computed by an instruction is what
the tape has of it.
"""

from __future__ import annotations

import ast
import builtins
import dis
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.probes import pure_functions
from shapetrace.capture.probes.elements import Opening, openings
from shapetrace.capture.source import frames
from shapetrace.capture.source.expressions import UNKNOWN
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import executing_node
from shapetrace.capture.source.stands import stands_for
from shapetrace.dim import REMEMBERING, AnyDim

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape

_SWALLOWING = (
    *("CALL", "BINARY_", "INPLACE_", "BUILD_SLICE", "STORE_SUBSCR", "STORE_SLICE"),
    *("COMPARE_OP", "UNARY_NEGATIVE"),
)
"""Beginnings of the names of instructions that may read an int in C, on Python 3.10 to 3.13."""
WRITTEN = "..."
"""Among the operands of an array: what was written into it after it was made."""
FEW = 64
"""Elements of a container that are looked at."""


class Shadows:
    """Gives the shadows of expressions.

    Args:
        tape: Knows what was read and computed.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._tables: dict[CodeType, dict[int, ast.AST]] = {}
        self._offsets: dict[int, tuple[CodeType, int]] = {}  # id of a node to where it runs; `_tables` keeps the node
        self.openings: dict[CodeType, dict[int, Opening]] = {}
        """The instructions that take elements out of a value, of each function that has a table."""
        self.gathered: dict[int, tuple[int, list[AnyDim]]] = {}
        """By the id of a comprehension, whose tree is kept by others: the id of the frame that runs it, and what it has collected so far."""

    def found(self, value: Any) -> Any:
        """What stands for an object that cannot remember by itself; the object, if nothing does."""
        entry = self._tape.objects.get(id(value))
        if entry is None or entry[0] is not value:
            return value
        stand = entry[1]
        if not stands_for(value, stand) and WRITTEN not in stand.origin.operands:
            stand.origin.operands += (WRITTEN,)
        return stand

    def table(self, code: CodeType) -> dict[int, ast.AST]:
        """Instruction offset to syntax node, for the instructions that matter."""
        table = self._tables.get(code)
        if table is None:
            table = self._tables[code] = {}
            self.openings[code] = openings(code)
            lines = dict(dis.findlinestarts(code))
            line = code.co_firstlineno
            for instruction in dis.get_instructions(code):
                line = lines.get(instruction.offset) or line
                swallows = instruction.opname.startswith(_SWALLOWING)
                reads = instruction.opname.startswith("LOAD_ATTR") and instruction.argval == "shape"
                if swallows or reads or instruction.opname.startswith("UNARY_"):  # `2.0 ** -n`
                    node = executing_node(Place(code, instruction.offset, line))
                    if node is None:
                        continue
                    self._offsets[id(node)] = code, instruction.offset
                    if swallows:
                        table[instruction.offset] = node
        return table

    def known(self, node: ast.AST, frame: FrameType) -> Any:
        """The shadow of an operand: what it is, and what stands for it if it will not remember."""
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._elements(node.elts, frame)
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return {key.value: self.known(value, frame) for key, value in pairs if isinstance(key, ast.Constant)}
        if isinstance(node, ast.IfExp | ast.BoolOp):
            parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
            chosen = [self.known(part, frame) for part in parts]
            return next((item for item in chosen if isinstance(item, REMEMBERING)), UNKNOWN)
        if isinstance(node, ast.NamedExpr):
            return self.known(node.value, frame)
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            return self.gathered.get(id(node), (0, UNKNOWN))[1]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [self.known(side, frame) for side in (node.left, node.right)]
            if any(isinstance(side, list) for side in sides):  # [int(n * 0.5)] + [-1] * 3
                return [item for side in sides if isinstance(side, list) for item in side]
        value = self.value(node, frame)
        if isinstance(value, dict):  # f(**settings)
            return {key: self.found(item) for key, item in value.items()} if len(value) < FEW else value
        if isinstance(value, list | tuple) and len(value) < FEW:
            return [self.found(item) for item in value]
        return self.found(value)

    def arguments(self, node: ast.Call, frame: FrameType) -> list[Any] | None:
        """The shadows of the arguments of a call: those by position, then those by name; None where they cannot be told apart."""
        values: list[Any] = []
        for item in node.args:
            value = self.known(item.value if isinstance(item, ast.Starred) else item, frame)
            if not isinstance(item, ast.Starred):
                values.append(value)
            elif isinstance(value, list | tuple):
                values += value
            else:
                return None
        return [*values, *(self.known(word.value, frame) for word in node.keywords)]

    def value(self, node: ast.AST, frame: FrameType) -> Any:
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
            owner = self.value(node.value, frame)
            return getattr(owner, "__dict__", {}).get(node.attr, UNKNOWN) if owner is not UNKNOWN else UNKNOWN
        where = self._offsets.get(id(node))
        if isinstance(node, ast.Subscript) and where not in self._tape.computed:
            return self._element(node, frame)
        value = self._tape.computed.get(where, UNKNOWN) if where is not None else UNKNOWN
        return self._constant(node, frame) if value is UNKNOWN else value

    def written(self, node: ast.expr, frame: FrameType) -> Any:
        """What is subscripted: also a list that is written there."""
        try:
            return ast.literal_eval(node) if isinstance(node, ast.List | ast.Tuple) else self.value(node, frame)
        except ValueError:
            return UNKNOWN

    def index(self, node: ast.expr, frame: FrameType) -> Any:
        """The index of an array: a number, a slice, None, or several of them; `UNKNOWN` for any other."""
        if isinstance(node, ast.Tuple):
            parts = [self.index(item, frame) for item in node.elts]
            return UNKNOWN if any(part is UNKNOWN for part in parts) else tuple(parts)
        if isinstance(node, ast.Slice):
            bounds = [self.index(bound, frame) if bound else None for bound in (node.lower, node.upper, node.step)]
            return UNKNOWN if any(bound is UNKNOWN for bound in bounds) else slice(*bounds)
        value = self.value(node, frame)
        return value if value is None or value is ... or type(value) is int else UNKNOWN

    def _elements(self, nodes: list[ast.expr], frame: FrameType) -> list[Any]:
        """The shadow of a list, tuple or set that is written out."""
        shadow: list[Any] = []
        for node in nodes:
            value = self.known(node.value if isinstance(node, ast.Starred) else node, frame)
            shadow += value if isinstance(node, ast.Starred) and isinstance(value, list | tuple) else [value]
        return shadow

    def _element(self, node: ast.Subscript, frame: FrameType) -> Any:
        index = _slice(node.slice) if isinstance(node.slice, ast.Slice) else self.value(node.slice, frame)
        sizes: Any = None
        if type(index) is str:
            items = self.known(node.value, frame)
            return items.get(index, UNKNOWN) if type(items) is dict else UNKNOWN
        if type(index) is not int and type(index) is not slice:
            return UNKNOWN
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            where = self._offsets.get(id(node.value))
            sizes = self._tape.shapes.get(where) if where is not None else None
        else:
            container = self.known(node.value, frame)
            sizes = container if isinstance(container, list | tuple) else None
        if sizes is None:
            return UNKNOWN
        if isinstance(index, slice):
            return sizes[index]
        return sizes[index] if -len(sizes) <= index < len(sizes) else UNKNOWN

    def _constant(self, node: ast.AST, frame: FrameType) -> Any:
        """What operators, and functions that only compute, make of plain numbers: `np.arange(0, 8, 2) / np.log(2)`."""
        if isinstance(node, ast.BinOp):
            return pure_functions.constant(
                pure_functions.operator_of(node), [self._found(side, frame) for side in (node.left, node.right)]
            )
        if not isinstance(node, ast.Call) or node.keywords or any(isinstance(item, ast.Starred) for item in node.args):
            return UNKNOWN
        function = _answered(self.value(node.func, frame))
        if not pure_functions.library(function) and not any(function is kind for kind in pure_functions.BUILTINS):
            return UNKNOWN
        return pure_functions.constant(function, [self._found(item, frame) for item in node.args])

    def _found(self, node: ast.AST, frame: FrameType) -> Any:
        """What one value is, and what stands for it; `known` would walk a long sum anew at each of its terms."""
        return self.found(self.value(node, frame))


def _slice(node: ast.Slice) -> Any:
    """A slice whose bounds are written as numbers; `UNKNOWN` for any other."""
    try:
        return slice(
            *(None if part is None else ast.literal_eval(part) for part in (node.lower, node.upper, node.step))
        )
    except ValueError:
        return UNKNOWN


def _answered(function: Any) -> Any:
    """The function of Python's that one of shapetrace's own answers for while a remedy is applied."""
    code = getattr(function, "__code__", None)
    own = isinstance(code, CodeType) and frames.kind(code.co_filename) is frames.OWN
    return getattr(function, "__wrapped__", function) if own else function
