"""Python's operators between tensors: the method of Paddle's that each calls, the public function it is, and the op that it makes.

Read off Paddle's `python/paddle/pir/math_op_patch.py` (3.x) and `python/paddle/base/layers/math_op_patch.py` (2.6).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple


class Operator(NamedTuple):
    """One of Python's operators, as tensors have it."""

    sign: str
    method: str
    """Without the underscores."""
    function: str
    op: str
    """The op's name, without its dialect."""


ARITHMETIC = (
    Operator("+", "add", "add", "add"),
    Operator("-", "sub", "subtract", "subtract"),
    Operator("*", "mul", "multiply", "multiply"),
    Operator("/", "truediv", "divide", "divide"),
    Operator("//", "floordiv", "floor_divide", "floor_divide"),
    Operator("%", "mod", "remainder", "remainder"),
    Operator("**", "pow", "pow", "elementwise_pow"),
)
"""What computes elements from elements."""
COMPARISONS = (
    Operator("==", "eq", "equal", "equal"),
    Operator("!=", "ne", "not_equal", "not_equal"),
    Operator("<", "lt", "less_than", "less_than"),
    Operator("<=", "le", "less_equal", "less_equal"),
    Operator(">", "gt", "greater_than", "greater_than"),
    Operator(">=", "ge", "greater_equal", "greater_equal"),
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {each.sign: getattr(operator, each.method) for each in COMPARISONS}
"""What each of Python's comparisons says of two numbers."""
MATMUL = Operator("@", "matmul", "matmul", "matmul")
_BITS = (
    Operator("&", "and", "bitwise_and", "bitwise_and"),
    Operator("|", "or", "bitwise_or", "bitwise_or"),
    Operator("^", "xor", "bitwise_xor", "bitwise_xor"),
    Operator("<<", "lshift", "bitwise_left_shift", "bitwise_left_shift"),
    Operator(">>", "rshift", "bitwise_right_shift", "bitwise_right_shift"),
)
BETWEEN_TENSORS = {each.sign: each.op for each in (*ARITHMETIC, *COMPARISONS, MATMUL, *_BITS)}
"""Operator to the op that it makes of two tensors."""
_BINARY = {each.method: each.sign for each in (*ARITHMETIC, MATMUL, *_BITS)} | {"div": "/"}

SIGNS = {
    **{f"__{each.method}__": each.sign for each in COMPARISONS},
    **{f"__{side}{method}__": sign for method, sign in _BINARY.items() for side in ("", "r", "i")},
    "scalar_add_": "+",
    "scalar_sub_": "-",
    "scalar_rsub_": "-",
    "scalar_mul_": "*",
    "scalar_div_": "/",
}
"""Method of a tensor to the operator that calls it, from either side or in place; or what the method calls for a plain number."""

INDEXING = {"__getitem__": "[]", "_getitem_static": "[]", "__setitem__": "[]=", "_setitem_static": "[]="}
"""Method of a tensor to how the rules name the indexing that calls it; the second of each is what the first calls
(`python/paddle/base/variable_index.py`)."""

PUBLIC = {"_getitem_static": "__getitem__", "_setitem_static": "__setitem__"}
"""What a function behind indexing is called by."""


def sign(method: str) -> str:
    """The operator or indexing that calls a method of a tensor; empty for any other function."""
    return SIGNS.get(method) or INDEXING.get(method, "")


def reflected(method: str) -> bool:
    """Whether the tensor stands on the right of the operator that calls a method, so that the other operand is the left one."""
    return method == "scalar_rsub_" or (method.startswith("__r") and f"__{method[3:]}" in SIGNS)
