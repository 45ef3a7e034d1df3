"""Which of the axes that are equal may be 1 while the others are not: what broadcasting allows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from shapetrace.sizes.pattern import Pattern

_FARTHEST = 64
MOST = 8
"""Axes of one group of which all choices are tried; of more it is not decided which may be 1."""


def apart(pattern: Pattern, size: int) -> list[int]:
    """Sizes other than 1 to hold equal axes at, the best first.

    Args:
        pattern: What they take.
        size: What they are held at.
    """
    return [each for each in dict.fromkeys((size, *range(2, _FARTHEST))) if each > 1 and each in pattern]


def choices(places: Sequence[str], most: int | None = None) -> Iterator[tuple[str, ...]]:
    """Each choice of axes of a group, but not of all.

    Args:
        places: The axes, which are equal.
        most: How many are chosen at most.
    """
    for count in range(1, min(len(places), (most or len(places)) + 1)):
        yield from itertools.combinations(places, count)


def allowed(
    places: Sequence[str], sizes: Sequence[int], at: Mapping[str, int], fits: Callable[[Mapping[str, int]], bool]
) -> tuple[tuple[str, ...], ...]:
    """The choices of axes of a group that may be 1 at once while all others of it are not.

    Args:
        places: The axes, which are equal.
        sizes: Sizes other than 1 to try them at.
        at: The sizes of all axes.
        fits: Whether everything holds at some sizes.
    """
    if len(places) > MOST:
        return ()
    usual = (dict.fromkeys(places, size) for size in sizes)
    held = next(({**at, **chosen} for chosen in usual if fits({**at, **chosen})), None)
    if held is None:
        return ()
    return tuple(choice for choice in choices(places) if fits({**held, **dict.fromkeys(choice, 1)}))


def any_of(places: Sequence[str], found: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The axes of a group of which any may be 1, whichever others of them are.

    Args:
        places: The axes, which are equal.
        found: The choices of them that may be 1 at once.
    """
    known, chosen = set(found), tuple[str, ...]()
    for place in places:
        together = (*chosen, place)
        if all(choice in known for choice in choices(places) if set(choice) <= set(together)):
            chosen = together
    return chosen


def never(places: Sequence[str], found: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The smallest choices of axes that may not be 1 at once, of those that may be 1; none where a larger choice of them may.

    Args:
        places: The axes, which are equal.
        found: The choices of them that may be 1 at once.
    """
    known, able = set(found), {place for choice in found for place in choice}
    smallest: list[set[str]] = []
    for choice in choices(places):
        if not able.issuperset(choice):
            continue
        within = any(each <= set(choice) for each in smallest)
        if choice in known and within:
            return []
        if choice not in known and not within:
            smallest.append(set(choice))
    return [tuple(place for place in places if place in each) for each in smallest]
