"""A set of sizes as people and programs read it: by remainders, from and to, and those beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from shapetrace.symbolic.eventual import SizeSet
from shapetrace.symbolic.squares import SetOfSizes, Squares, is_square

_FEWEST_FOR_A_RULE = 3
"""Fewer sizes are rather listed than told by a rule."""
_MOST_MULTIPLE = 4096
_MOST_LISTED, _MOST_BESIDE = 8, 6
"""A rule with sizes beside it is for more than the first, and of no more than the second."""


@dataclass(frozen=True)
class Pattern:
    """A set of sizes: `values` where there are few; else by remainders, between two sizes, and `also`."""

    values: tuple[int, ...] | None = None
    modulus: int | None = 1
    residues: tuple[int, ...] | None = (0,)
    also: tuple[int, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    multiple_of: int | None = 1
    """All multiples of it, between the two, are in the set; None where there is no such rule."""
    square_and: int | None = None
    """Of all these, only those that are so much more than a square; None where that does not matter."""

    @property
    def free(self) -> bool:
        """Whether every size is in it."""
        return self == Pattern()

    def __contains__(self, size: int) -> bool:
        if self.values is not None:
            return size in self.values
        assert self.modulus is not None and self.residues is not None
        if self.square_and is not None and not is_square(size - self.square_and):
            return False
        between = size >= (self.at_least or 1) and (self.at_most is None or size <= self.at_most)
        return size in self.also or (between and size % self.modulus in self.residues)


def pattern(sizes: SetOfSizes) -> Pattern:
    """What a set of sizes is called."""
    if isinstance(sizes, Squares):
        return replace(pattern(sizes.sizes), multiple_of=None, square_and=sizes.more)
    start = len(sizes.members) - sizes.period
    period = _shortest(sizes.members[start:])
    if period == 1 and not sizes.members[-1]:
        return _ending([size for size in range(1, start + 1) if size in sizes])
    residues = tuple(sorted({size % period for size in range(start + 1, start + period + 1) if size in sizes}))
    early = range(1, start + 1)
    missing = [size for size in early if size % period in residues and size not in sizes]
    least = (
        next((size for size in range(missing[-1] + 1, start + period + 1) if size in sizes), None) if missing else None
    )
    also = tuple(size for size in early if size in sizes and (size % period not in residues or size < (least or 1)))
    least, also = _nearer(sizes, period, residues, least, also)
    return Pattern(None, period, residues, also, least, None, _multiple(sizes, least, None, period))


def _nearer(
    sizes: SizeSet, period: int, residues: tuple[int, ...], least: int | None, also: tuple[int, ...]
) -> tuple[int | None, tuple[int, ...]]:
    """The smallest size from which on the remainders tell all there is."""
    if least is None:
        return None, also
    while least > 1 and ((least - 1) in sizes) == ((least - 1) % period in residues):
        least -= 1
    first = next(size for size in range(least, least + period + 1) if size % period in residues)
    return first, tuple(size for size in also if size < first or size % period not in residues)


def _ending(members: list[int]) -> Pattern:
    """A set that comes to an end."""
    run = _longest_run(members)
    also = tuple(size for size in members if size not in run)
    if len(run) < _FEWEST_FOR_A_RULE or (also and len(members) - len(also) < _MOST_LISTED) or len(also) > _MOST_BESIDE:
        return Pattern(tuple(members), None, None, (), None, None, _multiple_among(members))
    first, last, step = run[0], run[-1], run.step
    multiple = step if first % step == 0 else None
    return Pattern(None, step, (first % step,), also, first if first > step else None, last, multiple)


def _longest_run(members: list[int]) -> range:
    """The most members that follow each other at one distance."""
    found, start = range(members[0], members[0] + 1) if members else range(0), 0
    for place, (size, following) in enumerate(pairwise(members), 1):
        step = following - size
        if place > 1 and step != size - members[place - 2]:
            start = place - 1
        if place - start + 1 > len(found):
            found = range(members[start], following + 1, step)
    return found


def _multiple_among(members: list[int]) -> int | None:
    """The smallest number that has several multiples up to the last member, all of which are members."""
    last = members[-1] if members else 0
    rules = (step for step in members if 2 * step <= last and set(range(step, last + 1, step)) <= set(members))
    return next(rules, None)


def _shortest(members: tuple[bool, ...]) -> int:
    """The shortest period of what repeats with the length of `members`."""
    length = len(members)
    divisors = (count for count in range(1, length + 1) if length % count == 0)
    return next(count for count in divisors if members == members[:count] * (length // count))


def _multiple(sizes: SizeSet, least: int | None, most: int | None, period: int) -> int | None:
    """The smallest number all of whose multiples, from `least` on, are sizes of the set."""
    start = len(sizes.members) - sizes.period
    for step in range(1, min(period, _MOST_MULTIPLE) + 1):
        first = -(-(least or 1) // step) * step
        last = max(start, first) + period
        if period % step == 0 and all(size in sizes for size in range(first, last + 1, step)):
            return step
    return None
