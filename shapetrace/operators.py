"""What Paddle's methods behind Python's operators are to the user who wrote the operator."""

from __future__ import annotations

_BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "matmul": "@",
    "div": "/",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "and": "&",
    "or": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
}
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
SIGNS = {
    **{f"__{name}__": sign for name, sign in (_BINARY | _COMPARISONS).items()},
    **{f"__{side}{name}__": sign for name, sign in _BINARY.items() for side in "ri"},
    "scalar_add_": "+",
    "scalar_sub_": "-",
    "scalar_rsub_": "-",
    "scalar_mul_": "*",
    "scalar_div_": "/",
}
"""Method of a tensor to the operator that calls it, from either side or in place; or what the method calls for a plain number."""

INDEXING = {"__getitem__": "[]", "_getitem_static": "[]", "__setitem__": "[]=", "_setitem_static": "[]="}
"""Method of a tensor to how the rules name the indexing that calls it."""


def sign(method: str) -> str:
    """The operator or indexing that calls a method of a tensor; empty for any other function."""
    return SIGNS.get(method) or INDEXING.get(method, "")


def reflected(method: str) -> bool:
    """Whether the tensor stands on the right of the operator that calls a method, so that the other operand is the left one."""
    return method == "scalar_rsub_" or (method.startswith("__r") and f"__{method[3:]}" in SIGNS)
