"""Values in running code, and the dims that they are or that stand for them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from shapetrace.dim import NUMBERS, AnyDim, Stand, value_of


def flat(value: Any, depth: int = 2) -> Iterator[Any]:
    """A value, or the elements of a list or tuple."""
    if depth and isinstance(value, list | tuple):
        for item in value:
            yield from flat(item, depth - 1)
    else:
        yield value


def matches(value: Any, dim: AnyDim) -> bool:
    """Whether an argument is `dim`, or the number that a lost one stands for."""
    return value is dim or (dim.origin.lost and stands_for(value, dim))


def stands_for(value: Any, stand: AnyDim) -> bool:
    """Whether a value is equal to the bit to what a stand stands for."""
    plain = plain_value(stand)
    return type(value) is type(plain) and _text(value) == _text(plain)


def _text(value: Any) -> str:
    """What tells a value from any other of its type, without the tape hearing of it."""
    if isinstance(value, Fraction):
        return f"{value_of(value.numerator)}/{value_of(value.denominator)}"
    return repr(value)


def plain_value(value: Any) -> Any:
    """A value as the instruction gets it."""
    if isinstance(value, Stand):
        return value.value
    if isinstance(value, NUMBERS):
        return value_of(value)
    if isinstance(value, list | tuple):
        return (list if isinstance(value, list) else tuple)(map(plain_value, value))
    return value
