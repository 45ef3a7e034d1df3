"""Which of the axes that are equal may be 1 while the others are not: what broadcasting allows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

from shapetrace.sizes.pattern import Pattern

_FARTHEST = 64
_MOST = 5
"""Axes of one group of which all choices are tried; of more, none is said to be 1 alone."""


def apart(pattern: Pattern, size: int) -> list[int]:
    """Sizes other than 1 to hold equal axes at, the best first.

    Args:
        pattern: What they take.
        size: What they are held at.
    """
    return [each for each in dict.fromkeys((size, *range(2, _FARTHEST))) if each > 1 and each in pattern]


def allowed(
    places: Sequence[str], sizes: Sequence[int], at: Mapping[str, int], fits: Callable[[Mapping[str, int]], bool]
) -> tuple[str, ...]:
    """The axes of a group any of which may be 1 while at least one other is not.

    Args:
        places: The axes, which are equal.
        sizes: Sizes other than 1 to try them at.
        at: The sizes of all axes.
        fits: Whether everything holds at some sizes.
    """
    if len(places) > _MOST:
        return ()
    usual = (dict.fromkeys(places, size) for size in sizes)
    held = next(({**at, **chosen} for chosen in usual if fits({**at, **chosen})), None)
    if held is None:
        return ()
    found: tuple[str, ...] = ()
    for place in places:
        beside = itertools.chain.from_iterable(itertools.combinations(found, count) for count in range(len(found) + 1))
        choices = [(place, *others) for others in beside if len(others) + 1 < len(places)]
        if all(fits({**held, **dict.fromkeys(choice, 1)}) for choice in choices):
            found = (*found, place)
    return found
