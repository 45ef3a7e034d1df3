"""Derived sizes as the claims that `--dim` and `dims` take: `image=B,3,H=8*k,W=8*k`."""

from __future__ import annotations

import string
from collections.abc import Iterator

from shapetrace.sizes.pattern import Pattern
from shapetrace.sizes.results import USUAL, Axis, Sizes

_LETTERS = "NMKL" + string.ascii_uppercase


def options(found: Sizes) -> list[str]:
    """What `--dim` is given for each input that has an unknown axis."""
    return [f"{name}={','.join(entries)}" for name, entries in entries_of(found).items() if any(map(_unknown, entries))]


def entries_of(found: Sizes) -> dict[str, list[str]]:
    """The claims of each input, one an axis; axes that are equal have one name, and what is claimed of it stands once."""
    named = names(found)
    said: set[str] = set()
    entries: dict[str, list[str]] = {}
    for axis in found.axes:
        listed = entries.setdefault(axis.input, [])
        if axis.place not in named:
            listed.append(str((axis.pattern.values or (-1,))[0]))
            continue
        name = named[axis.place]
        listed.append(name if name in said else name + _bounds(axis.pattern))
        said.add(name)
    return entries


def _unknown(entry: str) -> bool:
    return not entry.lstrip("-").isdigit()


def names(found: Sizes) -> dict[str, str]:
    """A name for each unknown axis, by its place: the user's, a usual one, or a letter.

    Args:
        found: The sizes of an export.
    """
    named: dict[str, str] = {}
    taken = {axis.symbol for axis in found.axes if axis.symbol.isidentifier()}
    letters = (letter for letter in _LETTERS if letter not in taken | set(USUAL.values()) | {"B"})
    for axis in found.axes:
        if axis.fixed_by_spec or axis.place in named:
            continue
        usual = next((name for name in _usual(found, axis) if name not in named.values()), None)
        named |= dict.fromkeys(found.together_with(axis), usual or next(letters))
    return named


def _usual(found: Sizes, axis: Axis) -> Iterator[str]:
    if axis.symbol.isidentifier():
        yield axis.symbol
    if axis.axis == 0:
        yield "B"
    elif (found.rank(axis), axis.axis) in USUAL:
        yield USUAL[found.rank(axis), axis.axis]


def _bounds(pattern: Pattern) -> str:
    """What is claimed of a name: a multiple, a range, or both; nothing where no such rule says what is taken."""
    if pattern.values is not None:
        return f"={pattern.values[0]}..{pattern.values[0]}" if len(pattern.values) == 1 else ""
    step = pattern.multiple_of or 1
    least, most = pattern.at_least or step, pattern.at_most
    multiple = f"={step}*k" if step > 1 else ""
    if most is None:
        return multiple if least <= step else ""
    return f"{multiple}:{least}..{most}" if multiple else f"={least}..{most}"
