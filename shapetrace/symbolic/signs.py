"""Whether expressions are below zero at any size."""

from __future__ import annotations

from functools import lru_cache

from shapetrace import symbolic
from shapetrace.symbolic import eventual, form
from shapetrace.symbolic.form import Node

_NO_MINUS = frozenset({"Add", "Mul", "Div", "Mod", "Max", "Min", "Broadcast"})
"""Functions that are zero or more wherever their operands are."""


@lru_cache(maxsize=4096)
def never_negative(number: str) -> bool:
    """Whether a number is zero or more at every size, as far as that is found out.

    Args:
        number: In the form of `shapetrace.symbolic`.
    """
    if _made_of_what_is_not_negative(form.parse(number)):
        return True
    try:
        (key,) = symbolic.symbols(number)
        return eventual.positive(eventual.of(number, key, {})).full
    except (eventual.UndecidableError, ValueError):  # several symbols, or none
        return False


def never_positive(number: str) -> bool:
    """Whether a number is less than zero at every size, as far as that is found out.

    Args:
        number: In the form of `shapetrace.symbolic`.
    """
    return never_negative(symbolic.combine("-", ["-1", number]))


def _made_of_what_is_not_negative(node: Node) -> bool:
    if isinstance(node, tuple):
        return node[0] in _NO_MINUS and all(map(_made_of_what_is_not_negative, node[1:]))
    return isinstance(node, str) or node >= 0
