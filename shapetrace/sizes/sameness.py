"""Whether two dims are the same at every size.

A few sizes at which they differ are found at once. Else each part of them that is of one symbol is known at every size
(`symbolic/eventual.py`), and what is left are sums and products of such parts, which sympy expands. That is much cheaper than
simplifying whole dims, which is what comes last.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

from shapetrace import symbolic
from shapetrace.symbolic import eventual, form
from shapetrace.symbolic.eventual import Eventual, UndecidableError
from shapetrace.symbolic.form import Node

if TYPE_CHECKING:
    import sympy

_CHOOSING = ("Min", "Max", "Broadcast")
_UNDOING = (*_CHOOSING, "Div(Mul(")
_PROBED = 12  # sizes at which they are compared


def shorter(left: str, right: str) -> str:
    """The shorter one of two dims that are the same at every size; empty where that is not found out.

    Args:
        left: One, in the form of `shapetrace.symbolic`.
        right: The other one.
    """
    return min(left, right, key=len) if same(left, right) else ""


@lru_cache(maxsize=1024)
def same(left: str, right: str) -> bool:
    """Whether two dims are the same at every size, as far as that is found out.

    Args:
        left: One, in the form of `shapetrace.symbolic`.
        right: The other one.
    """
    keys = sorted(symbolic.symbols(left) | symbolic.symbols(right))
    for shift in range(_PROBED):
        sizes = {key: 5 + 11 * place + 7 * shift for place, key in enumerate(keys)}
        try:
            if symbolic.evaluate(left, sizes) != symbolic.evaluate(right, sizes):
                return False
        except ValueError:  # no number there: the dims of a broadcast differ
            continue
    return _Parts().same(form.parse(left), form.parse(right)) or symbolic.equal(left, right)


def shortened(dim: str) -> str:
    """A dim without what is undone again: what is padded and cut, or taken apart into windows and joined.

    Args:
        dim: In the form of `shapetrace.symbolic`.
    """
    return form.unparse(_shortened(form.parse(dim))) if any(name in dim for name in _UNDOING) else dim


@lru_cache(maxsize=4096)
def _shortened(node: Node) -> Node:
    """With one operand in the place of each `Min`, `Max` or `Broadcast`, and one factor in that of each division, that always comes to it."""
    if not isinstance(node, tuple):
        return node
    node = (node[0], *map(_shortened, node[1:]))
    first, candidates = node[1], node[1:] if node[0] in _CHOOSING else ()
    if node[0] == "Div" and isinstance(first, tuple) and first[0] == "Mul":
        candidates = (1, *first[1:])
    return next((each for each in candidates if same(form.unparse(node), form.unparse(each))), node)


class _Parts:
    """The parts of dims that are of one symbol, each called by a name of its own."""

    def __init__(self) -> None:
        self._known: dict[str, list[Eventual]] = {}

    def same(self, left: Node, right: Node) -> bool:
        """Whether the difference is nothing."""
        import sympy

        try:
            return bool(sympy.expand(self._of(left) - self._of(right)) == 0)
        except UndecidableError:
            return False

    def _of(self, node: Node) -> sympy.Expr:
        import sympy

        if isinstance(node, int):
            return sympy.Integer(node)
        keys = form.symbols_of(node)
        if len(keys) == 1:
            return self._part(node, *keys)
        if not isinstance(node, tuple):
            raise UndecidableError(f"{node} is no integer")
        operands = [self._of(operand) for operand in node[1:]]
        if node[0] == "Add":
            return sympy.Add(*operands)
        if node[0] == "Mul":
            return sympy.Mul(*operands)
        if node[0] == "Div":
            over, under = sympy.fraction(sympy.cancel(operands[0] / operands[1]))
            return over if under == 1 else sympy.Function("Div")(sympy.expand(over), sympy.expand(under))
        return sympy.Function(str(node[0]))(*map(sympy.expand, operands))

    def _part(self, node: Node, key: str) -> sympy.Expr:
        """The name of a part: the same for all that are equal at every size, or a multiple of each other."""
        import sympy

        whole, times = _reduced(eventual.of(form.unparse(node), key, {}))
        known = self._known.setdefault(key, [])
        alike = (eventual.zeros(eventual.difference(whole, other)).full for other in known)
        place = next((place for place, same in enumerate(alike) if same), len(known))
        if place == len(known):
            known.append(whole)
        return times * sympy.Symbol(f"{key}_{place}")


def _reduced(function: Eventual) -> tuple[Eventual, int]:
    """A function divided by what all its values are multiples of, and that."""
    numbers = (*function.values, *(number for steps in function.steps for number in steps))
    times = gcd(*(int(number) for number in numbers if number is not None))
    if times < 1 or any(number != int(number) for number in numbers if number is not None):
        return function, 1
    return eventual.quotient(function, eventual.constant(times)), times
