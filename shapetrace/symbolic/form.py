"""Parses the text of an expression, as Paddle prints it, into a tree of plain tuples, and writes such a tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Union

Node = Union[int, float, str, tuple["Node", ...]]  # noqa: UP007 - `|` cannot join a string on Python 3.10
"""A parsed expression: a number, a symbol, or a tuple of a function's name and its operands."""

SYMBOL = re.compile(r"[^\W\d]\w*\Z")
DEEPEST = 150
"""Levels of nesting that are read; Python's own parser stops at 200 parentheses."""
MOST_BITS = 10_000
"""Of an integer: beyond this nothing is a size, and Python refuses to print it in decimal."""

ROUNDING = frozenset({"Floor", "Ceil", "Trunc", "Int", "Div"})
"""Functions that give integers of whatever they get."""
FRACTIONAL = frozenset({"TrueDiv", "Float", "Pow", "Round", "Mean", "Root", "Exp", "Log", "Log2", "Log10"})
"""Functions that may give fractions of integers."""

CHOOSING = {"IfEqual": "==", "IfLeast": ">="}
"""Functions that give their third operand where this holds between the first two, and else their fourth."""
INFIX = {
    "Or": ("|", 1),
    "Xor": ("^", 2),
    "And": ("&", 3),
    "LShift": ("<<", 4),
    "RShift": (">>", 4),
    "TrueDiv": ("/", 6),
    "Mod": ("%", 6),
    "Pow": ("**", 8),
}
"""How functions that are operators in Python are written there, and how tightly they bind."""


@lru_cache(maxsize=16384)
def parse(expression: str) -> Node:
    """Read an expression; raises ValueError for what is none."""
    try:
        return _read(ast.parse(expression.strip(), mode="eval").body, 0)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        shown = expression if len(expression) <= 80 else expression[:77] + "..."
        raise ValueError(f"not a symbolic dim: {shown!r}") from None


def _read(node: ast.expr, depth: int) -> Node:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value.bit_length() <= MOST_BITS:
        return node.value
    if isinstance(node, ast.Constant) and type(node.value) is float:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _read(node.operand, depth + 1)
        return -inner if isinstance(inner, int | float) else ("Neg", inner)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):  # Paddle 3.0: `1 / (S0)`
        return ("Div", _read(node.left, depth + 1), _read(node.right, depth + 1))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id == "Mul":
            return _joined_reciprocals(node.args, depth + 1)
        operands = tuple(_read(operand, depth + 1) for operand in node.args)
        if node.func.id == "Computed" or (operands and _arity_fits(node.func.id, len(operands))):
            return (node.func.id, *operands)
    raise ValueError("not a dim")


def _joined_reciprocals(factors: Sequence[ast.expr], depth: int) -> Node:
    """`Mul(S0, 8, 1 / (S1))` is one division that rounds once: `Div(Mul(S0, 8), S1)`."""
    if not factors:
        raise ValueError("no operands")
    over: list[Node] = []
    under: list[Node] = []
    for source in factors:
        operand = _read(source, depth)
        if isinstance(source, ast.BinOp) and isinstance(operand, tuple) and operand[1] == 1:
            under.append(operand[2])
        else:
            over.append(operand)
    product: Node = ("Mul", *over) if over else 1
    return ("Div", product, ("Mul", *under)) if under else product


def _arity_fits(name: str, count: int) -> bool:
    if name in ("Div", "Sub") or name in INFIX:
        return count == 2
    if name in CHOOSING:
        return count == 4
    return count == 1 if name in ("Neg", "Abs", "Invert") else True


def is_whole(node: Node) -> bool:
    """Whether a tree is an integer at every size, as far as its operations show."""
    if isinstance(node, tuple):
        name, *operands = node
        if name == "Pow" and isinstance(operands[1], int) and operands[1] >= 0:
            return is_whole(operands[0])
        operands = operands[2:] if name in CHOOSING else operands
        return name in ROUNDING or (name not in FRACTIONAL and all(map(is_whole, operands)))
    return not isinstance(node, float)


def unparse(node: Node) -> str:
    """Write a tree in the form `parse` reads."""
    if isinstance(node, tuple):
        name, *operands = node
        if name == "Neg" and isinstance(operands[0], (str, tuple)):
            return "-" + unparse(operands[0])
        return f"{name}({', '.join(map(unparse, operands))})"
    return node if isinstance(node, str) else digits(node)


def digits(number: float) -> str:
    """Write a number: an integer of any size, or a float."""
    if isinstance(number, float):
        return repr(number).replace("inf", "1e999") if number == number else "Computed()"
    return str(number) if number.bit_length() < MOST_BITS else hex(number)  # Python refuses to print more in decimal


def replaced(node: Node, names: Mapping[str, str]) -> Node:
    """An expression with symbols called otherwise, by names that need not be symbols."""
    if isinstance(node, tuple):
        return (node[0], *(replaced(operand, names) for operand in node[1:]))
    return names.get(node, node) if isinstance(node, str) else node


def symbols_of(node: Node) -> frozenset[str]:
    """The symbols in a tree."""
    if isinstance(node, tuple):
        return frozenset().union(*map(symbols_of, node[1:]))
    return frozenset((node,)) if isinstance(node, str) else frozenset()


def substitute(node: Node, replacements: Mapping[str, Node]) -> Node:
    """Put trees in the place of symbols."""
    if isinstance(node, tuple):
        return (node[0], *(substitute(operand, replacements) for operand in node[1:]))
    return replacements.get(node, node) if isinstance(node, str) else node


def depth(node: Node) -> int:
    """How deep functions nest in a tree."""
    return 1 + max(map(depth, node[1:]), default=0) if isinstance(node, tuple) else 0
