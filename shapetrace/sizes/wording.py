"""A set of sizes in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shapetrace.said import said
from shapetrace.sizes.pattern import Pattern
from shapetrace.trace import Said, Sentence

_MOST_LISTED = 12


def of_pattern(found: Pattern) -> Said:
    """Which sizes there are: what a person writes down, and what holds exactly where that is more."""
    if found.free:
        return said("any size")
    if found.values is not None:
        return _of_values(found.values)
    if found.square_and is not None:
        return said("{} that is {}", of_pattern(_without_square(found)), _square(found.square_and))
    exact = _exactly(found)
    advised = _advised(found)
    if exact is None or found.at_most is not None or (found.at_least or 1) > (found.multiple_of or 0):
        advised = _bounded(found, advised)
    return advised if exact is None else said("{}; exactly, {}", advised, exact)


def _without_square(found: Pattern) -> Pattern:
    multiple = found.modulus if found.residues == (0,) else None
    return replace(found, multiple_of=multiple, square_and=None)


def _square(more: int) -> Said:
    if more:
        return said("{} more than a square", more) if more > 0 else said("{} less than a square", -more)
    return said("a square")


def _of_values(values: Sequence[int]) -> Said:
    if not values:
        return said("no size")
    if len(values) == 1:
        return said("only {}", values[0])
    return said("only {}", _either([*map(str, values)]))


def _advised(found: Pattern) -> Said:
    if found.multiple_of == 1:
        return said("any size")
    if found.multiple_of is not None:
        return said("a multiple of {}", found.multiple_of)
    return _by_remainder(found)


def _bounded(found: Pattern, rule: Said) -> Said:
    if found.at_least is not None and found.at_most is not None:
        return said("{} from {} to {}", rule, found.at_least, found.at_most)
    if found.at_most is not None:
        return said("{} up to {}", rule, found.at_most)
    if found.at_least is not None:
        return said("{} from {} on", rule, found.at_least)
    return rule


def _by_remainder(found: Pattern) -> Said:
    assert found.residues is not None
    return said("any size that leaves {} when divided by {}", _either([*map(str, found.residues)]), found.modulus or 1)


def _exactly(found: Pattern) -> Said | None:
    """All that is allowed, where that is more than the advice."""
    more = found.multiple_of is not None and found.residues != (0,) and (found.modulus or 1) > 1
    more = more or (found.multiple_of or found.modulus) != found.modulus
    if more and found.also:
        return said("{}, and {}", _bounded(found, _by_remainder(found)), _all([*map(str, found.also)]))
    if more:
        return _bounded(found, _by_remainder(found))
    return said("{} too", _all([*map(str, found.also)])) if found.also else None


def _either(parts: Sequence[str]) -> Sentence:
    return said("{} or {}", ", ".join(_shown(parts[:-1])), parts[-1]) if len(parts) > 1 else parts[0]


def _all(parts: Sequence[str]) -> Sentence:
    return said("{} and {}", ", ".join(_shown(parts[:-1])), parts[-1]) if len(parts) > 1 else parts[0]


def _shown(parts: Sequence[str]) -> Sequence[str]:
    return parts if len(parts) <= _MOST_LISTED else [*parts[:_MOST_LISTED], "…"]
