"""Which sizes are tried: just within what was derived, just outside of it, and some at random."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shapetrace.sizes import Axis, Sizes, ones
from shapetrace.sizes.pattern import Pattern

_MOST, _MOST_OF_A_BATCH = 256, 8
"""Sizes beyond this are tried only where they are an edge."""
_WITHIN, _OUTSIDE = 4, 4  # of each axis
_AT_ONCE = 2


class Trial(NamedTuple):
    """Sizes of all axes, and whether they are derived as taken."""

    sizes: dict[str, int]
    taken: bool


def trials(found: Sizes, seed: int = 0, ends: Sequence[Trial] = ()) -> Iterator[Trial]:
    """The sizes to try: those that all are held at first, then those of each axis, equal ones together.

    Of an axis of which not all is decided only those that are not taken.

    Args:
        found: What was derived.
        seed: Of those at random.
        ends: Of the ranges that are claimed.
    """
    yield Trial(dict(found.at), True)
    yield from ends
    grouped = {place for places in found.equal for place in places}
    alone = [(axis.place,) for axis in found.axes if not axis.fixed_by_spec and axis.place not in grouped]
    chance = random.Random(seed)
    groups = (*found.equal, *alone)
    for places in groups:
        axis = found.axis(places[0])
        edges, usual = _edges(axis.pattern), range(1, (_MOST if axis.axis else _MOST_OF_A_BATCH) + 1)
        for taken, most in ((True, 0 if axis.undecided else _WITHIN), (False, _OUTSIDE)):
            first, others = ([size for size in sizes if _is(axis, size, taken)] for sizes in (edges, usual))
            for size in _some(first, others, most, chance) if most else ():
                yield Trial({**found.at, **dict.fromkeys(places, size)}, taken)
    if not found.together:
        yield from one_alone(found)
    decided = not any(axis.undecided for axis in found.axes)
    if len(groups) > 1 and not found.together and decided:
        yield from _all_at_once(found, groups, chance)


def one_alone(found: Sizes) -> Iterator[Trial]:
    """Each of some equal axes at 1, and each two, the others not.

    Args:
        found: What was derived.
    """
    for places, allowed in zip(found.equal, found.ones, strict=True):
        axes = [found.axis(place) for place in places]
        sizes = ones.apart(axes[0].pattern, found.at[places[0]])
        if sizes and not any(axis.undecided for axis in axes) and len({axis.symbol for axis in axes}) == len(axes):
            for choice in ones.choices(places, 2) if len(places) <= ones.MOST else ():
                alone = {**found.at, **dict.fromkeys(places, sizes[0]), **dict.fromkeys(choice, 1)}
                yield Trial(alone, choice in allowed)


def _all_at_once(found: Sizes, groups: Sequence[Sequence[str]], chance: random.Random) -> Iterator[Trial]:
    """Other sizes of all axes than those that the others were held at."""
    for _ in range(_AT_ONCE):
        sizes = dict(found.at)
        for places in groups:
            axis = found.axis(places[0])
            usual = range(1, (_MOST if axis.axis else _MOST_OF_A_BATCH) + 1)
            known = [size for size in usual if size in axis.pattern] or [found.at[places[0]]]
            sizes |= dict.fromkeys(places, chance.choice(known))
        yield Trial(sizes, True)


def _is(axis: Axis, size: int, taken: bool) -> bool:
    """Whether a size is taken, or is not. One that is only left out since a tensor is empty is neither."""
    return size in axis.pattern if taken else size not in axis.pattern and size in axis.filled


def _edges(pattern: Pattern) -> list[int]:
    """The sizes at which it is decided, and those beside them, each once."""
    at = [*(pattern.values or ()), pattern.at_most or 1, pattern.at_least or 1, *pattern.also]
    step = pattern.modulus or 1
    at += [4 * step + remainder for remainder in pattern.residues or ()][:2]
    if pattern.square_and is not None:
        at = [root * root + pattern.square_and for root in (2, 3, 8)]
    return [size for size in dict.fromkeys(size + beside for size in at for beside in (0, 1, -1)) if size > 0]


def _some(edges: list[int], known: list[int], most: int, chance: random.Random) -> list[int]:
    """The edges, as many as may be, and others at random."""
    chosen = edges if len(edges) <= most else [*edges[: most // 2], *chance.sample(edges, most - most // 2)]
    more = chance.sample(known, min(len(known), most + 2 - len(chosen)))
    return list(dict.fromkeys([*chosen, *more]))
