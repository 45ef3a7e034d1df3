"""Values in running code, and the dims that they are or that stand for them.

The shadow of a value is the same value with what stands for each of its parts in their place: a list, tuple or dict of shadows, what
stands for a number, or anything else for a part of which nothing is known. A list of nothing but stands may also be all that there are
in a value, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from shapetrace.dim import NUMBERS, REMEMBERING, AnyDim, Stand, value_of


def flat(value: Any, depth: int = 2) -> Iterator[Any]:
    """A value, or the elements of a list, tuple or dict."""
    if depth and isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
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


def graft(value: Any, shadow: Any, keep: Callable[[Any, AnyDim], None]) -> Any:
    """Put numbers that remember into a value, where its shadow has them: into lists, dicts and sets in place, tuples are made anew.

    Args:
        value: What the program holds.
        shadow: Its shadow.
        keep: Told of an object that cannot remember by itself, and what stands for it.

    Returns:
        The value to go on with, which is the same object unless it is a number or a tuple.
    """
    if isinstance(shadow, REMEMBERING):
        return _grafted(value, shadow, keep)
    if type(value) is dict and isinstance(shadow, dict):
        for key in shadow.keys() & value.keys():
            value[key] = graft(value[key], shadow[key], keep)
        return value
    if not isinstance(shadow, list | tuple) or type(value) not in _CONTAINERS:
        return value
    if type(value) in (list, tuple) and len(value) == len(shadow):
        parts = [graft(item, part, keep) for item, part in zip(value, shadow, strict=True)]
        if any(part is not item for item, part in zip(value, parts, strict=True)):
            return _rebuilt(value, parts)
    return _graft_in_order(value, shadow, keep)


_CONTAINERS = (list, tuple, dict, set)


def _grafted(value: Any, stand: AnyDim, keep: Callable[[Any, AnyDim], None]) -> Any:
    if isinstance(stand, NUMBERS) and stands_for(value, stand):
        stand.origin.lost = False
        return stand
    keep(value, stand)
    return value


def _graft_in_order(value: Any, stands: Sequence[Any], keep: Callable[[Any, AnyDim], None]) -> Any:
    """The same where it is known which stands are in a container, in their order; nothing where others look alike."""
    if not stands or not all(isinstance(stand, REMEMBERING) for stand in stands):
        return value
    found = [item for item in _leaves(value) if any(stands_for(item, stand) for stand in stands)]
    if len(found) != len(stands) or not all(map(stands_for, found, stands)):
        return value
    coming = iter(stands)

    def put(part: Any) -> Any:
        if type(part) in _CONTAINERS:
            items = part.values() if isinstance(part, dict) else part
            return _rebuilt(part, [put(item) for item in items])
        if any(stands_for(part, stand) for stand in stands):
            return _grafted(part, next(coming), keep)
        return part

    return put(value)


def _leaves(value: Any) -> Iterator[Any]:
    if type(value) in _CONTAINERS:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield value


def _rebuilt(value: Any, parts: list[Any]) -> Any:
    """A container with these parts."""
    if isinstance(value, list):
        value[:] = parts
        return value
    if isinstance(value, dict):
        value.update(zip(list(value), parts, strict=True))
        return value
    if isinstance(value, set):
        value.clear()
        value.update(parts)
        return value
    return tuple(parts)
