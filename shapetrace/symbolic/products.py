"""Simplifies products of symbols and integers, which most leaked dims are, without the time that importing sympy takes."""

from __future__ import annotations

from math import prod

from shapetrace.symbolic.form import Node


def product(node: Node) -> Node | None:
    """A product as `algebra.simplify` gives it: its integer first, then its symbols by name.

    Returns:
        None for what is anything else, and where a symbol is there twice.
    """
    factors = _factors(node)
    if factors is None:
        return None
    number = prod(factor for factor in factors if isinstance(factor, int))
    names = sorted(factor for factor in factors if isinstance(factor, str))
    if number == 0 or not names:
        return number
    if len(set(names)) < len(names) or any("(" in name for name in names):
        return None
    return names[0] if number == 1 and len(names) == 1 else ("Mul", *([number] if number != 1 else []), *names)


def _factors(node: Node) -> list[int | str] | None:
    """The factors of a product of products."""
    if isinstance(node, int | str):
        return [node]
    if not isinstance(node, tuple) or node[0] != "Mul":
        return None
    factors: list[int | str] = []
    for operand in node[1:]:
        inner = _factors(operand)
        if inner is None:
            return None
        factors += inner
    return factors
