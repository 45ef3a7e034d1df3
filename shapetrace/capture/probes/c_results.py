"""Numbers that C computes from dims and that cannot remember by themselves: `0.5 * n`, `math.sqrt(n)`, `np.prod(x.shape)`.

Before such an instruction runs, what it will give is computed here from plain numbers; the syntax tree tells where it
goes. A variable that it is assigned to gets a number that remembers, of the same value; an object of NumPy's is known
again by its identity; what is handed to a function of Paddle's at once is told to the tape as an argument.
"""

from __future__ import annotations

import ast
import dis
import math
import operator
from collections.abc import Callable
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.source.expressions import OPERATORS
from shapetrace.capture.source.stands import flat, plain_value, stands_for
from shapetrace.dim import NUMBERS, REMEMBERING, AnyDim, Stand, plain_type

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape

_COMBINE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BUILTINS = (float, int, complex, abs, sum, pow, round)
_NUMPY = frozenset(
    [
        "prod",
        "product",
        "sum",
        "mean",
        "median",
        "std",
        "var",
        "max",
        "min",
        "amax",
        "amin",
        "maximum",
        "minimum",
        "sqrt",
        "cbrt",
        "square",
        "log",
        "log2",
        "log10",
        "log1p",
        "exp",
        "expm1",
        "ceil",
        "floor",
        "trunc",
        "fix",
        "rint",
        "round",
        "around",
        "round_",
        "abs",
        "absolute",
        "fabs",
        "power",
        "float_power",
        "add",
        "subtract",
        "multiply",
        "divide",
        "true_divide",
        "floor_divide",
        "mod",
        "remainder",
        "negative",
        "reciprocal",
        "array",
        "asarray",
        "asanyarray",
        "atleast_1d",
        "cumsum",
        "cumprod",
        "flip",
        "concatenate",
        "stack",
        "hstack",
        "append",
        "full",
        "arange",
        "linspace",
        "ones",
        "zeros",
        "tile",
        "repeat",
        "clip",
        "hypot",
        "sin",
        "cos",
        "tan",
        "arctan",
        "arctan2",
        "dot",
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "intp",
        "int_",
        "float_",
        "bool_",
        "double",
        "single",
        "longlong",
        "ndarray",
    ]
)
"""Functions and types of NumPy's that do nothing but compute."""
_METHODS = frozenset(
    [
        "sum",
        "prod",
        "mean",
        "max",
        "min",
        "std",
        "var",
        "item",
        "astype",
        "tolist",
        "copy",
        "round",
        "cumsum",
        "cumprod",
        "reshape",
        "flatten",
        "ravel",
        "squeeze",
        "clip",
    ]
)
"""Methods of NumPy's objects that do nothing but compute."""
_ARRAYS = frozenset({"array", "asarray", "asanyarray", "astype", "copy"})
"""Functions and methods that give an array of what they get."""
_LARGEST = 10_000
"""Elements of what is computed here: a shape has fewer."""
UNKNOWN = object()


class CResults:
    """What the instructions of the frames that are followed make of dims and will not remember.

    Args:
        tape: Told of it.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._pending: dict[int, list[tuple[int, int, str, AnyDim]]] = {}
        self._elements: dict[int, list[AnyDim]] = {}  # by the id of a comprehension's frame, what it puts in its list

    def found(self, value: Any) -> Any:
        """What stands for an object that cannot remember by itself; the object, if nothing does."""
        entry = self._tape.objects.get(id(value))
        return entry[1] if entry is not None and entry[0] is value else value

    def combine(self, node: ast.BinOp | ast.AugAssign, left: Any, right: Any, frame: FrameType) -> None:
        """Two operands are about to be combined."""
        function = _COMBINE.get(type(node.op))
        if function is None or _python_asks(left, right):
            return
        values = plain_value(left), plain_value(right)
        if any(isinstance(item, REMEMBERING) for item in (left, right)) and all(map(_computable, values)):
            self._compute(lambda: function(*values), OPERATORS[type(node.op)], (left, right), node, frame)

    def compare(self, node: ast.Compare, left: Any, right: Any, frame: FrameType) -> None:
        """Two operands are about to be compared."""
        op = OPERATORS.get(type(node.ops[0]), "")
        function = _COMPARE.get(op)
        if function is None or _is_live(left) or (_is_live(right) and plain_type(left) is not float):
            return
        values = plain_value(left), plain_value(right)
        if not all(map(_computable, values)):
            return
        result = function(*values)
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        if isinstance(left, REMEMBERING):
            self._tape.seen("compare", left, op, right, _truth(result), frame)
        elif isinstance(right, REMEMBERING):
            self._tape.seen("compare", right, mirrored, left, _truth(result), frame)

    def call(self, node: ast.Call, function: Any, owner: Any, values: list[Any], frame: FrameType) -> bool:
        """A function is about to be called. Returns whether what it gives is known.

        Args:
            node: The call.
            function: What is called, if that is known.
            owner: What it is a method of, if that is known.
            values: The arguments: those by position, then those by name.
            frame: The frame.
        """
        if not any(isinstance(item, REMEMBERING) for value in (owner, *values) for item in flat(value)):
            return False
        plain = [plain_value(value) for value in values]
        library, call = "", function
        if isinstance(owner, Stand) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            library, call = "numpy", getattr(owner.value, node.func.attr, None)
        elif not any(function is builtin for builtin in _BUILTINS):
            library = _library(function)
            if not library:
                return False
        if not all(map(_computable, plain)):
            return False
        names = [keyword.arg for keyword in node.keywords]
        if None in names:
            return False
        count = len(plain) - len(names)
        by_name = {str(name): value for name, value in zip(names, plain[count:], strict=True)}
        operands = tuple(item for value in (owner, *values) for item in flat(value) if _is_operand(item))
        op = _name(call, node, len(operands))
        return self._compute(lambda: call(*plain[:count], **by_name), op, operands, node, frame, library)

    def _compute(
        self,
        compute: Callable[[], Any],
        op: str,
        operands: tuple[Any, ...],
        node: ast.AST,
        frame: FrameType,
        library: str = "",
    ) -> bool:
        try:
            result = compute()
        except Exception:  # then the instruction raises it, as it would without a watch
            return False
        if type(result) is bool or type(result).__name__ == "bool_" or not _computable(result):
            return False
        if not library and any(map(_is_numpys, (result, *map(plain_value, operands)))):
            library = "numpy"
        self.lose(frame, node, op, operands, result, library)
        return True

    def lose(
        self, frame: FrameType, node: ast.AST, op: str, operands: tuple[Any, ...], result: Any, library: str
    ) -> None:
        """The instruction at `node`, where `frame` is, gives a result that will not remember."""
        stand = self._tape.lose(frame, op, operands, result, library)
        if stand is not None:
            self.assigned(frame, node, stand)

    def assigned(self, frame: FrameType, node: ast.AST, stand: AnyDim) -> None:
        """Note the variable that a value is assigned to at once."""
        parent = getattr(node, "parent", None)
        if isinstance(parent, ast.ListComp) and parent.elt is node:
            self._elements.setdefault(id(frame), []).append(stand)
        name = _target(node)
        if name:
            places = _stores(frame.f_code).get(name.rpartition(".")[2], ())
            after = next((offset for offset in places if offset > frame.f_lasti), -1)
            if after >= 0:
                self._pending.setdefault(id(frame), []).append((frame.f_lasti, after, name, stand))

    def settle(self, frame: FrameType) -> None:
        """Let variables that were assigned meanwhile remember. Called last: looking at them would undo it."""
        pending = self._pending.pop(id(frame), None)
        if not pending:
            return
        waiting = [item for item in pending if item[0] <= frame.f_lasti <= item[1]]
        ready = [item for item in pending if frame.f_lasti > item[1]]
        if waiting:
            self._pending[id(frame)] = waiting
        variables = frame.f_locals if ready else {}
        for _, _, name, stand in ready:
            self.put(variables, name, stand)

    def put(self, variables: Any, name: str, stand: AnyDim) -> None:
        """Let a variable that holds what `stand` stands for remember."""
        owner, _, attribute = name.rpartition(".")
        if owner:
            self.keep(getattr(variables.get(owner), "__dict__", {}).get(attribute), stand)
            return
        value = variables.get(name, UNKNOWN)
        if isinstance(value, list | tuple | dict):
            for item in value.values() if isinstance(value, dict) else value:
                self.keep(item, stand)
        elif isinstance(stand, NUMBERS) and stands_for(value, stand):
            stand.origin.lost = False
            variables[name] = stand
        else:
            self.keep(value, stand)

    def keep(self, value: Any, stand: AnyDim) -> None:
        """Know an object again that cannot remember by itself; ints have no identity of their own."""
        if type(value) is not int and stands_for(value, stand):
            self._tape.objects[id(value)] = value, stand

    def element(self, node: ast.Subscript, container: Any, index: Any, frame: FrameType) -> None:
        """An element of an array is about to be taken."""
        if not isinstance(container, Stand) or type(index) is not int:
            return
        origin, value = container.origin, container.value
        if origin.op in _ARRAYS and getattr(value, "ndim", 0) == 1 and len(origin.operands) == len(value):
            if -len(value) <= index < len(value):
                self._compute(lambda: value[index], "pos", (origin.operands[index],), node, frame, "numpy")
        else:
            self._compute(lambda: value[index], "item", (container, index), node, frame, "numpy")

    def left(self, frame: FrameType, result: Any) -> None:
        """A frame has ended. The list that a comprehension gives remembers."""
        self._pending.pop(id(frame), None)
        elements = self._elements.pop(id(frame), [])
        for index, stand in _places(result, elements) if isinstance(result, list) else ():
            if isinstance(stand, NUMBERS):
                stand.origin.lost = False
                result[index] = stand
            else:
                self.keep(result[index], stand)


def _places(result: list[Any], stands: list[AnyDim]) -> list[tuple[int, AnyDim]]:
    """Where in a list the results are that were computed from dims, in order; none where others look alike."""
    places = [index for index, item in enumerate(result) if any(stands_for(item, stand) for stand in stands)]
    if len(places) != len(stands):
        return []
    pairs = list(zip(places, stands, strict=True))
    return pairs if all(stands_for(result[index], stand) for index, stand in pairs) else []


def constant(function: Any, values: list[Any]) -> Any:
    """What a function of `math` or NumPy makes of plain numbers; `UNKNOWN` for any other function or value."""
    if not _library(function) or not all(isinstance(value, int | float) for value in values):
        return UNKNOWN
    if any(isinstance(value, NUMBERS) for value in values):
        return UNKNOWN
    try:
        return function(*values)
    except Exception:  # then the instruction raises it, as it would without a watch
        return UNKNOWN


def _computable(value: Any) -> bool:
    """Whether a value is numbers, of Python's or NumPy's, or what says their type."""
    if isinstance(value, list | tuple):
        return len(value) < _LARGEST and all(map(_computable, value))
    if _is_numpys(value):
        return getattr(value, "size", 0) < _LARGEST and str(getattr(value, "dtype", "")) != "object"
    return value is None or isinstance(value, int | float | complex | str) or _library(value) == "numpy"


def _is_numpys(value: Any) -> bool:
    return type(value).__module__ == "numpy" and not isinstance(value, type | BuiltinFunctionType | FunctionType)


def _is_operand(value: Any) -> bool:
    return isinstance(value, (*REMEMBERING, int, float)) and not isinstance(value, bool)


def _is_live(value: Any) -> bool:
    """Whether the program itself holds a number that remembers there."""
    return isinstance(value, NUMBERS) and not value.origin.lost


def _python_asks(left: Any, right: Any) -> bool:
    """Whether Python asks one of the operands, which then remembers."""
    return _is_live(left) or (_is_live(right) and plain_type(left) not in (float, complex) and not _is_numpys(left))


def _truth(result: Any) -> Any:
    return bool(result) if getattr(result, "size", 1) == 1 else result


def _library(function: Any) -> str:
    """`math` or `numpy` for a function or type of theirs that only computes; empty for any other."""
    name = getattr(function, "__name__", "")
    if isinstance(function, BuiltinFunctionType) and getattr(math, name, None) is function:
        return "math"
    home = getattr(function, "__module__", "") or getattr(type(function), "__module__", "")
    is_numpys = isinstance(home, str) and home.partition(".")[0] == "numpy" and "random" not in home
    return "numpy" if is_numpys and name in _NUMPY and callable(function) else ""


_NAMES = {
    "product": "prod",
    "amax": "max",
    "amin": "min",
    "maximum": "max",
    "minimum": "min",
    "absolute": "abs",
    "fabs": "abs",
    "float16": "float",
    "float32": "float",
    "float64": "float",
    "pow": "**",
    "power": "**",
}
"""What functions are called that are known by another name."""


def _name(function: Any, node: ast.Call, operands: int) -> str:
    name = getattr(function, "__name__", "") or ast.unparse(node.func).rpartition(".")[2]
    if name == "pow" and operands > 2:  # of three numbers it is no operator
        return name
    return _NAMES.get(name, name) if name.isidentifier() else "call"


def _target(node: ast.AST) -> str:
    """The variable that the value of an expression is assigned to at once."""
    if isinstance(node, ast.AugAssign):
        return node.target.id if isinstance(node.target, ast.Name) else ""
    parent: Any = getattr(node, "parent", None)
    if isinstance(parent, ast.List | ast.Dict | ast.Tuple) and _assigned(parent):
        return _assigned(parent)
    if isinstance(parent, ast.NamedExpr | ast.AnnAssign):
        return parent.target.id if isinstance(parent.target, ast.Name) else ""
    if isinstance(parent, ast.Tuple) and isinstance(outer := getattr(parent, "parent", None), ast.Assign):
        targets = outer.targets[0] if len(outer.targets) == 1 else None
        if isinstance(targets, ast.Tuple) and len(targets.elts) == len(parent.elts):
            target = targets.elts[parent.elts.index(node)]  # type: ignore[arg-type]
            return target.id if isinstance(target, ast.Name) else ""
    return _assigned(node)


def _assigned(node: ast.AST) -> str:
    """The one variable that an expression is the whole new value of, or attribute of one: `settings.scale`."""
    parent: Any = getattr(node, "parent", None)
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or parent.value is not node:
        return ""
    target = parent.targets[0]
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return f"{target.value.id}.{target.attr}"
    return target.id if isinstance(target, ast.Name) else ""


@lru_cache(maxsize=1024)
def _stores(code: CodeType) -> dict[str, list[int]]:
    """Where each variable of a function is assigned."""
    places: dict[str, list[int]] = {}
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith("STORE_") and isinstance(instruction.argval, str):
            places.setdefault(instruction.argval, []).append(instruction.offset)
    return places
