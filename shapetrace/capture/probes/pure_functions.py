"""Functions that do nothing but compute: they may be called beforehand, with plain numbers, and nobody notices."""

from __future__ import annotations

import ast
import decimal
import fractions
import math
import operator
import statistics
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import BuiltinFunctionType, FunctionType
from typing import Any

from shapetrace.capture.source.expressions import UNKNOWN

_LARGEST = 10_000
"""Elements of what is computed here: a shape has fewer."""
_COMBINE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
BUILTINS = (float, int, complex, abs, sum, pow, round)
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
        "fromiter",
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
METHODS = frozenset(
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
ARRAYS = frozenset({"array", "asarray", "asanyarray", "astype", "copy"})
"""Functions and methods that give an array of what they get."""
_STATISTICS = frozenset(
    ["mean", "fmean", "geometric_mean", "harmonic_mean", "median", "pstdev", "pvariance", "stdev", "variance"]
)
"""Functions of `statistics`."""
EXACT = (fractions.Fraction, decimal.Decimal)
"""Numbers of Python's library that are computed with in Python."""


def library(function: Any) -> str:
    """The library of Python's, or `numpy`, for a function or type of theirs that only computes; empty for any other."""
    name = getattr(function, "__name__", "")
    if name in _STATISTICS and getattr(statistics, name) is function:
        return "statistics"
    if any(function is kind for kind in EXACT):
        return str(function.__module__)
    if isinstance(function, BuiltinFunctionType) and function.__self__ is math:
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


def name(function: Any, node: ast.Call, operands: int) -> str:
    """What the computation that a call does is known by, with this many operands."""
    name = getattr(function, "__name__", "") or ast.unparse(node.func).rpartition(".")[2]
    if name == "pow" and operands > 2:  # of three numbers it is no operator
        return name
    return _NAMES.get(name, name) if name.isidentifier() else "call"


def operator_of(node: ast.BinOp | ast.AugAssign) -> Callable[[Any, Any], Any] | None:
    """The function that does what an operator does; None for one that makes no numbers."""
    return _COMBINE.get(type(node.op))


def constant(function: Callable[..., Any] | None, values: list[Any]) -> Any:
    """What a function that only computes makes of plain numbers and arrays; `UNKNOWN` of any other value."""
    if function is None or not all(type(value) in (int, float) or _is_array(value) for value in values):
        return UNKNOWN
    try:
        return function(*values)
    except Exception:  # then the instruction raises it, as it would without a watch
        return UNKNOWN


def _is_array(value: Any) -> bool:
    return is_numpys(value) and computable(value)


def computable(value: Any) -> bool:
    """Whether a value is numbers, of Python's or NumPy's, or what says their type."""
    if isinstance(value, list | tuple):
        return len(value) < _LARGEST and all(map(computable, value))
    if is_numpys(value):
        return getattr(value, "size", 0) < _LARGEST and str(getattr(value, "dtype", "")) != "object"
    return (
        value is None
        or isinstance(value, int | float | complex | str | Fraction | Decimal)
        or library(value) == "numpy"
    )


def is_numpys(value: Any) -> bool:
    """Whether a value is a number or an array of NumPy's, and no type or function."""
    return type(value).__module__ == "numpy" and not isinstance(value, type | BuiltinFunctionType | FunctionType)
