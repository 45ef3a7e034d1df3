"""What Python computes of dims, as tensors compute it: whole numbers in int64, all others in float64, as Python does.

`Origin.op` names an operation. `exact` does those whose result for whole numbers is one, `floating` those that go through floats.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from shapetrace.capture import identity

EXACT: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "~": operator.invert,
    "neg": operator.neg,
    "abs": operator.abs,
    "pos": operator.pos,
}
"""On ints and on tensors alike (`pos` aside, which is its operand)."""
_BITS = frozenset("&|^")  # of which Paddle wants both operands as tensors
_DIVISIONS = frozenset({"//", "%"})  # of which Paddle 2.6 does
_LEGACY: dict[str, Callable[..., Any]] = {
    "<<": lambda left, right: left * 2**right,
    ">>": lambda left, right: left // 2**right,
    "abs": lambda operand: operand.abs(),
}
"""Those that tensors of Paddle 2.6 have no operator for."""
_CHOICES: dict[str, tuple[Callable[..., Any], str]] = {
    "max": (max, "maximum"),
    "min": (min, "minimum"),
    "prod": (lambda *items: math.prod(items), "multiply"),
    "sum": (lambda *items: sum(items), "add"),
    "mean": (lambda *items: sum(items) / len(items), "add"),
    "hypot": (math.hypot, "add"),
}
"""Of any number of operands: in Python, and Paddle's function of two (for `mean` and `hypot`, a part of it)."""
_PLAIN_FLOATS: dict[str, Callable[..., Any]] = {
    "/": operator.truediv,
    "float": float,
    "int": int,
    "trunc": math.trunc,
    "fix": math.trunc,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "rint": round,
    "around": round,
    "isqrt": math.isqrt,
    "square": lambda value: value * value,
    "reciprocal": lambda value: 1 / value,
    "log": lambda value, *base: math.log(value, *base),
    "array": lambda *items: list(items),
    "item": lambda array, index: array[index],
    "cast": lambda value: value,
}
_SAME_IN_PADDLE = (
    "sqrt",
    "log2",
    "log10",
    "log1p",
    "exp",
    "expm1",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "atan",
)
"""Functions of one float that are called alike in `math` and in Paddle."""
_OTHER_NAMES = {
    "negative": "neg",
    "absolute": "abs",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "true_divide": "/",
    "floor_divide": "//",
    "mod": "%",
    "remainder": "%",
    "power": "**",
    "float_power": "**",
    "pow": "**",
    "arctan": "atan",
    "double": "float",
    "single": "float",
    "float_": "float",
    "astype": "cast",
    "item": "cast",
    "copy": "cast",
    **dict.fromkeys(("int8", "int16", "int32", "int64", "int_", "intp", "longlong", "uint8"), "int"),
    **dict.fromkeys(("asarray", "asanyarray"), "array"),
    "round_": "round",
}
_ROUNDING = frozenset({"int", "trunc", "fix", "floor", "ceil", "round", "rint", "around"})
_UNDEFINED = (ValueError, TypeError, OverflowError, ZeroDivisionError)
"""What Python raises for numbers of which a function has no value, as most have none for -1."""


def known(op: str) -> str:
    """The name that an operation has here."""
    return _OTHER_NAMES.get(op, op)


def plainly(op: str, operands: Sequence[Any]) -> Any:
    """What Python makes of plain numbers; None where it has no value for them.

    Raises:
        KeyError: The operation is not known.
    """
    function = EXACT.get(op) or _PLAIN_FLOATS.get(op)
    if function is None and op in _CHOICES:
        function = _CHOICES[op][0]
    if function is None:
        if op not in _SAME_IN_PADDLE:
            raise KeyError(op)
        function = getattr(math, op)
    if (op in _ROUNDING and len(operands) != 1) or (op == "cast" and len(operands) != 1):
        raise KeyError(op)
    if op in _CHOICES and len(operands) == 1 and hasattr(operands[0], "__len__"):
        operands = list(operands[0])
    try:
        return function(*operands)
    except _UNDEFINED:
        return None


def is_exact(op: str) -> bool:
    """Whether an operation makes whole numbers of whole numbers."""
    return op in EXACT or op in _ROUNDING or op in _STRUCTURAL or op in ("max", "min", "prod", "sum", "cast")


def exact(op: str, operands: Sequence[Any]) -> Any:
    """An operation on whole numbers whose result is one.

    Args:
        op: It.
        operands: Ints and tensors of integers, at least one tensor.
    """
    import paddle

    if op in _ROUNDING or op in ("pos", "cast"):
        return operands[0]
    if op in _STRUCTURAL:
        return _STRUCTURAL[op](operands)
    legacy = not identity.is_pir()
    if op in _CHOICES or op in (_BITS | _DIVISIONS if legacy else _BITS):
        dtype = next(item.dtype for item in operands if not isinstance(item, int))
        operands = [paddle.full([], item, dtype) if isinstance(item, int) else item.astype(dtype) for item in operands]
    if op in _CHOICES:
        return _combined(op, operands)
    return (EXACT | _LEGACY if legacy else EXACT)[op](*operands)


def floating(op: str, operands: Sequence[Any], whole: bool) -> Any:
    """An operation that goes through floats.

    Args:
        op: It.
        operands: Numbers and tensors, at least one tensor.
        whole: Whether Python makes a whole number of it.
    """
    import paddle

    tensors = [
        paddle.full([], float(item), "float64") if isinstance(item, int | float) else item.astype("float64")
        for item in operands
    ]
    result = _of_floats(op, tensors)
    return result.astype("int64") if whole else result


def _of_floats(op: str, operands: list[Any]) -> Any:
    import paddle

    first = operands[0]
    if op in _STRUCTURAL:
        return _STRUCTURAL[op](operands)
    if op in _CHOICES:
        return _combined(op, operands)
    if op in _FLOATS:
        return _FLOATS[op](*operands)
    if op in _SAME_IN_PADDLE:
        return getattr(paddle, op)(first)
    return EXACT[op](*operands)


def _combined(op: str, operands: Sequence[Any]) -> Any:
    """An operation of any number of operands; of one array, of its elements."""
    import paddle

    if len(operands) == 1 and operands[0].ndim:
        return getattr(paddle, op)(operands[0])
    if op == "hypot":
        operands = [item * item for item in operands]
    result = operands[0]
    for item in operands[1:]:
        result = getattr(paddle, _CHOICES[op][1])(result, item)
    if op == "hypot":
        return paddle.sqrt(result)
    return result / float(len(operands)) if op == "mean" else result


def _log(value: Any, base: Any = None) -> Any:
    import paddle

    return paddle.log(value) if base is None else paddle.log(value) / paddle.log(base)


def _stacked(operands: Sequence[Any]) -> Any:
    import paddle

    dtype = next(item.dtype for item in operands if not isinstance(item, int | float))
    return paddle.stack([paddle.full([], item, dtype) if isinstance(item, int | float) else item for item in operands])


def _rounded(value: Any) -> Any:
    """To the nearest whole number, and halves to the even one, as Python does."""
    import paddle

    above = paddle.floor(value + 0.5)
    tied = (above - value == 0.5).astype("float64")
    return above - tied * paddle.abs(paddle.remainder(above, paddle.full([], 2.0, "float64")))


def _paddles(name: str) -> Callable[..., Any]:
    """A function of Paddle's, which is imported when it is called."""

    def call(*operands: Any) -> Any:
        import paddle

        return getattr(paddle, name)(*operands)

    return call


_STRUCTURAL: dict[str, Callable[[Sequence[Any]], Any]] = {
    "array": _stacked,
    "item": lambda operands: operands[0][int(operands[1])] if len(operands) == 2 else operands[0],
}
_FLOATS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("pos", "float", "cast"), lambda value: value),
    **dict.fromkeys(("int", "trunc", "fix"), _paddles("trunc")),
    **dict.fromkeys(("round", "rint", "around"), _rounded),
    **{name: _paddles(name) for name in ("floor", "ceil", "abs")},
    "isqrt": lambda value: _paddles("floor")(_paddles("sqrt")(value)),
    "square": lambda value: value * value,
    "reciprocal": lambda value: 1.0 / value,
    "log": _log,
    "/": _paddles("divide"),
    "**": _paddles("pow"),
}
"""Of float64 tensors."""
