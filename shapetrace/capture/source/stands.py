"""Values in running code, and the dims that they are or that stand for them."""

from __future__ import annotations

from collections.abc import Iterator
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
    return type(value) is type(plain) and repr(value) == repr(plain)


def plain_value(value: Any) -> Any:
    """A value as the instruction gets it."""
    if isinstance(value, Stand):
        return value.value
    if isinstance(value, NUMBERS):
        return value_of(value)
    if isinstance(value, list | tuple):
        return (list if isinstance(value, list) else tuple)(map(plain_value, value))
    return value
