"""Numbers that C computes from dims and that cannot remember by themselves: `0.5 * n`, `math.sqrt(n)`, `np.prod(x.shape)`.

Before such an instruction runs, what it will give is computed here from plain numbers; the syntax tree tells where it
goes (`destinations.py`); what is handed to a function of Paddle's at once is told to the tape as an argument.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from types import BuiltinFunctionType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.probes.destinations import Destinations
from shapetrace.capture.source.expressions import OPERATORS
from shapetrace.capture.source.stands import flat, plain_value
from shapetrace.dim import NUMBERS, REMEMBERING, Stand, plain_type

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
        "meshgrid",
        "outer",
        "full_like",
        "ones_like",
        "zeros_like",
        "expand_dims",
        "squeeze",
        "reshape",
        "ravel",
        "transpose",
        "vstack",
        "dstack",
        "column_stack",
        "logspace",
        "geomspace",
        "sort",
        "sign",
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
        self.destinations = Destinations(tape)

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
            self.destinations.note(frame, node, stand)

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
