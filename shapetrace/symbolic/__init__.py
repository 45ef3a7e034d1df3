"""Symbolic dims: reads the expressions Paddle prints, simplifies them, evaluates them, prints them for people.

The form is Paddle's own, as its symbolic shape pass writes it into the attribute `sym_shape_str`
(`paddle/pir/src/dialect/shape/utils/dim_expr.cc`, Paddle 3.0 to 3.3): `S0`, `8`, `-Div(S0, 2)`, and calls of
`Add`, `Mul`, `Div`, `Max`, `Min` and `Broadcast`; Paddle 3.0 prints a division as `Mul(S0, 1 / (S1))`.
For dims that were computed in Python this module adds `Sub`, `Mod`, `Pow`, `Abs`, ... (see `combine`), and any
other call is kept as a function nothing is known about.

Every symbol is a positive integer, and every division rounds down, as Python's `//` does; but for what Python made of
dims and floats, where `TrueDiv`, `Root` and the like give floats (see `number`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from shapetrace.symbolic import arithmetic, form
from shapetrace.symbolic.form import DEEPEST, INFIX, SYMBOL, Node
from shapetrace.symbolic.printing import printed
from shapetrace.symbolic.products import product

__all__ = [
    "ShapeOrData",
    "combine",
    "constant",
    "equal",
    "evaluate",
    "number",
    "parse_shapes",
    "substitute",
    "symbols",
    "text",
]

_INTEGER = re.compile(r"-?\d{1,100}\Z")
_LONGEST = 2000  # characters of an expression that `combine` still builds exactly

_FUNCTIONS = {
    "+": "Add",
    "-": "Sub",
    "*": "Mul",
    "//": "Div",
    "neg": "Neg",
    "abs": "Abs",
    "~": "Invert",
    "min": "Min",
    "max": "Max",
    "broadcast": "Broadcast",
    **{sign: name for name, (sign, _) in INFIX.items()},
    "float": "Float",
    "int": "Int",
    "floor": "Floor",
    "ceil": "Ceil",
    "trunc": "Trunc",
    "round": "Round",
    "sqrt": "Root",
    "exp": "Exp",
    "log": "Log",
    "log2": "Log2",
    "log10": "Log10",
    "mean": "Mean",
    "prod": "Mul",
    "sum": "Add",
}
"""What the operators and functions of Python are called in the form of this module."""


class ShapeOrData(NamedTuple):
    """One entry of `sym_shape_str`: the symbolic shape of a tensor, and the dims it holds, if it holds any."""

    shape: tuple[str, ...] | None
    """One expression an axis; None where Paddle knows nothing."""
    data: tuple[str, ...] | None
    """One expression an element, in row-major order; None where it holds no dims."""
    array: bool = False
    """True for a TensorArray; `shape` is then that of its elements."""


def text(expression: str, names: Mapping[str, str] = {}) -> str:
    """Print an expression as people write it: simplified, and under the names they know.

    The result is Python: `8*image[0]`, `(image[2] - 1)//2 + 1`, `max(H - 2, 0)`, `broadcast(B, N)`.
    Symbols that have the same name count as equal.

    Args:
        expression: In Paddle's form.
        names: What each symbol is called. A symbol without an entry keeps its own name.

    Raises:
        ValueError: The expression does not parse.
    """
    if SYMBOL.match(expression):
        return names.get(expression, expression)
    if _INTEGER.match(expression):
        return str(int(expression))
    keys = symbols(expression)
    return _text(expression, tuple((key, names[key]) for key in sorted(keys) if key in names))


def evaluate(expression: str, values: Mapping[str, int]) -> int:
    """Compute an expression exactly.

    Args:
        expression: In Paddle's form.
        values: The size each symbol stands for.

    Raises:
        ValueError: The expression does not parse, a symbol has no value, or the result is no integer: a division
            by zero, operands that do not broadcast, or a function nothing is known about.
    """
    result = arithmetic.evaluate(form.parse(expression), values)
    if isinstance(result, float) and not result.is_integer():
        raise ValueError(f"{result} is no integer")
    return int(result)


def number(expression: str, values: Mapping[str, int]) -> int | float:
    """Compute an expression in which Python may have made floats of dims.

    Args:
        expression: In Paddle's form.
        values: The size each symbol stands for.

    Raises:
        ValueError: The expression does not parse, a symbol has no value, or there is no real number: a division by zero,
            operands that do not broadcast, or a function nothing is known about.
    """
    return arithmetic.evaluate(form.parse(expression), values)


def constant(value: float) -> str:
    """A number in Paddle's form."""
    return form.digits(value)


def symbols(expression: str) -> frozenset[str]:
    """The symbols that occur in an expression.

    Raises:
        ValueError: The expression does not parse.
    """
    return form.symbols_of(form.parse(expression))


def substitute(expression: str, replacements: Mapping[str, str]) -> str:
    """Put expressions in the place of symbols, all at once.

    Args:
        expression: In Paddle's form.
        replacements: For each symbol to be replaced, an expression in Paddle's form.

    Returns:
        The new expression in Paddle's form, not simplified.

    Raises:
        ValueError: One of the expressions does not parse.
    """
    parsed = {key: form.parse(value) for key, value in replacements.items()}
    return form.unparse(form.substitute(form.parse(expression), parsed))


def equal(a: str, b: str) -> bool:
    """Whether two expressions are the same for every size of their symbols, as far as simplifying can show.

    Raises:
        ValueError: One of the expressions does not parse.
    """
    if a == b:
        return True
    difference = _simplify(("Add", form.parse(a), ("Mul", -1, form.parse(b))), True)
    return difference == 0


def combine(op: str, operands: Sequence[str]) -> str:
    """Build the expression of a dim that Python computed from others.

    Sums and products of integers are folded as they arise, so that a loop which counts stays small. What grows
    beyond all use becomes `Computed(...)` of the symbols it depends on.

    Args:
        op: A Python operator (`+ - * // % ** / & | ^ << >> ~`), or `neg`, `pos`, `abs`, `min`, `max`, `broadcast`. Any other
            name that could be a function's is kept as one nothing is known about.
        operands: Expressions in Paddle's form.

    Raises:
        ValueError: An operand does not parse, or `op` is not a name.
    """
    parsed = [form.parse(operand) for operand in operands]
    if op == "pos" and len(parsed) == 1:
        return form.unparse(parsed[0])
    name = _FUNCTIONS.get(op, op)
    if not SYMBOL.match(name):
        raise ValueError(f"{op!r} is no operator or function of dims")
    node = arithmetic.fold((name, *parsed))
    result = form.unparse(node)
    if len(result) > _LONGEST or form.depth(node) > DEEPEST // 2:
        return form.unparse(("Computed", *sorted(form.symbols_of(node))))
    return result


def parse_shapes(sym_shape_str: str) -> list[ShapeOrData]:
    """Read the attribute `sym_shape_str` of an op.

    Paddle writes there only the op's *first* result. It has several entries where that result is a list of tensors
    (`builtin.combine`, `pd_op.split`), and none where nothing is known.

    Args:
        sym_shape_str: Such as `shape[Mul(S0, 2), 3], data[NULL]`, `shape[2], data[S0, 8]` or
            `TensorArray with shape hint: [S0, 8]`.
    """
    return list(_parse_shapes(sym_shape_str))


_ENTRY = re.compile(r"shape\[([^\]]*)\](?:, data\[([^\]]*)\])?|TensorArray with shape hint: \[([^\]]*)\]")


@lru_cache(maxsize=16384)
def _parse_shapes(written: str) -> tuple[ShapeOrData, ...]:
    return tuple(
        ShapeOrData(_items(shape), _items(data)) if hint is None else ShapeOrData(_items(hint), None, array=True)
        for shape, data, hint in (match.groups() for match in _ENTRY.finditer(written))
    )


def _items(listed: str | None) -> tuple[str, ...] | None:
    """Split `S0, Add(S1, 2)` at its outer commas; None for `NULL`."""
    if listed is None or listed == "NULL":
        return None
    if "(" not in listed:
        return tuple(listed.split(", ")) if listed else ()
    items, depth, start = [], 0, 0
    for place, character in enumerate(listed):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            items.append(listed[start:place].strip())
            start = place + 1
    items.append(listed[start:].strip())
    return tuple(items)


@lru_cache(maxsize=16384)
def _text(expression: str, names: tuple[tuple[str, str], ...]) -> str:
    return printed(_simplify(form.substitute(form.parse(expression), dict(names)), canonical=False))[0]


def _simplify(node: Node, canonical: bool) -> Node:
    if not isinstance(node, tuple):
        return node
    simple = product(node)
    if simple is not None:
        return simple
    from shapetrace.symbolic import algebra  # brings in sympy, which takes longer to import than all the rest

    return algebra.simplify(node, canonical)
