"""The ranges of sizes that an engine is built for: what the user claims of axes, held against what the export takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from shapetrace import claims
from shapetrace.claims import Claim
from shapetrace.errors import UsageError
from shapetrace.said import joined, said
from shapetrace.sizes.results import Axis, Sizes
from shapetrace.trace import Conversion, Said, Trace

if TYPE_CHECKING:
    from shapetrace.sizes.deriving import Derivation

End = Literal["min", "opt", "max"]
ENDS: tuple[End, ...] = ("min", "opt", "max")
_CHECKED: tuple[End, ...] = ("min", "max", "opt")
"""The user has said the first two, and not always the last."""

_FARTHEST = 256
"""How far from the end of a range one that is taken is looked for."""
_PARTLY = "{} takes {}; an engine for {} to {} does not check that"
_WANTED = said("write B=1..8, H=32*k:320..640 or image[2]=640")
_ENTRY = re.compile(r"\s*(?P<name>[^=]+?)\s*=\s*(?P<sizes>.+?)\s*")


@dataclass(frozen=True)
class Range:
    """The sizes of one axis."""

    min: int
    opt: int
    max: int
    step: int = 1
    """Only multiples of it, as far as they are meant."""

    def sizes(self) -> range:
        """All of them."""
        return range(self.min, self.max + 1, self.step)


@dataclass(frozen=True)
class Ranges:
    """The ranges of all axes of all inputs."""

    found: Sizes
    conversion: Conversion
    axes: Mapping[str, Range]
    """By the place of the axis."""

    def shapes(self, end: End) -> dict[str, list[int]]:
        """The shape of each input at one end of its ranges, by its name."""
        shapes: dict[str, list[int]] = {}
        for axis in self.found.axes:
            shapes.setdefault(axis.input, []).append(getattr(self.axes[axis.place], end))
        return shapes

    def notes(self) -> list[Said]:
        """What an engine does not know: that not all sizes of a range are taken, or that it is not decided which."""
        found = []
        for axis in self.found.axes:
            known = self.axes[axis.place]
            if axis.undecided:
                found.append(said("not all is decided of {}: {}", axis.place, axis.undecided[0].said))
            elif any(size not in axis.pattern for size in range(known.min, known.max + 1)):
                found.append(said(_PARTLY, axis.place, axis.said, known.min, known.max))
        return found


def read(texts: Iterable[str]) -> dict[str, Claim]:
    """What `--range B=1..8,H=32*k:320..640` says of each axis, by the name that is given there.

    Raises:
        UsageError: One cannot be read, has no end, or is said twice.
    """
    found: dict[str, Claim] = {}
    for text in texts:
        for entry in text.split(","):
            name, claim = _entry(text, entry)
            if name in found:
                raise UsageError(said("--range says of {} twice which sizes it has", name))
            found[name] = claim
    return found


def _entry(text: str, entry: str) -> tuple[str, Claim]:
    parts = _ENTRY.fullmatch(entry)
    if parts is None:
        raise UsageError(said("cannot read --range {}: {}", text, _WANTED))
    name, sizes = parts["name"], parts["sizes"]
    try:
        claim = claims.read(f"axis={sizes}..{sizes}" if sizes.isdigit() else f"axis={sizes}")
    except UsageError:
        raise UsageError(said("cannot read --range {}: {}", text, _WANTED)) from None
    if claim.high is None:
        raise UsageError(
            said("the range of {} has no end: write {}={}:{}..{}", name, name, sizes, claim.first, claim.first * 4)
        )
    return name, claim


def of_conversion(trace: Trace, found: Sizes, asked: Mapping[str, Claim], usual: Mapping[str, int]) -> Ranges:
    """The ranges of the inputs of an export.

    Args:
        trace: The trace of the export.
        found: The sizes that it takes.
        asked: What is claimed of axes, by their place or name. What `dims` claim counts where nothing is said here.
        usual: The sizes to build an engine for above all, by the place or name of an axis; else the largest.

    Raises:
        UsageError: An end of a range is not taken, an axis has none, or there is no such axis.
    """
    number = max(place for place, each in enumerate(trace.conversions) if each.function == found.function)
    conversion = trace.conversions[number]
    claimed = {**claimed_by_dims(found, conversion), **_placed(found, asked)}
    chosen = _placed(found, usual)
    axes = {axis.place: _range(axis, claimed.get(axis.place), chosen.get(axis.place)) for axis in found.axes}
    ranges = Ranges(found, conversion, axes)
    from shapetrace.sizes.deriving import Derivation  # imports the rules

    derivation = Derivation(trace, number)
    derivation.sizes()
    for end in _CHECKED:
        _check(derivation, ranges, end)
    return ranges


def claimed_by_dims(found: Sizes, conversion: Conversion) -> dict[str, Claim]:
    """What the user's `dims` claim of axes, as far as it has an end, by their places; of axes that are equal alike.

    Args:
        found: The sizes of an export.
        conversion: Its conversion.
    """
    return _placed(found, _by_dims(conversion))


def _by_dims(conversion: Conversion) -> dict[str, Claim]:
    """What the user's `dims` claim of axes, as far as it has an end; what is claimed of a name stands once."""
    entries = {f"{given.name}[{axis}]": entry for given in conversion.inputs for axis, entry in enumerate(given.claims)}
    named = claims.by_name({"": list(entries.values())})
    found = {place: named.get(claims.read(entry).name) for place, entry in entries.items()}
    return {place: claim for place, claim in found.items() if claim is not None and claim.high is not None}


_Told = TypeVar("_Told", Claim, int)


def _placed(found: Sizes, told: Mapping[str, _Told]) -> dict[str, _Told]:
    """What is told of axes, by their places, and of those that are equal alike."""
    return {place: each for name, each in told.items() for place in found.together_with(found.axis(name))}


def _range(axis: Axis, claim: Claim | None, usual: int | None) -> Range:
    only = axis.pattern.values[0] if axis.pattern.values and len(axis.pattern.values) == 1 else None
    if claim is None and only is None:
        raise UsageError(said("{} has no range: {} says one", axis.place, _example(axis)))
    low, high, step = (only, only, 1) if claim is None else (claim.first, claim.last, claim.step)
    assert low is not None
    assert high is not None
    opt = high if usual is None else usual
    if axis.fixed_by_spec and {low, opt, high} != {only}:
        raise UsageError(said("{} is {} in the spec, and no other size", axis.place, only))
    if opt not in range(low, high + 1, step):
        raise UsageError(said("the range of {} is {} to {}, and --opt says {}", axis.place, low, high, opt))
    return Range(low, opt, high, step)


def _example(axis: Axis) -> str:
    """A range of sizes that an axis may take."""
    step = axis.pattern.multiple_of or 1
    if axis.axis == 0:
        return f"--range {axis.place}=1..8"
    low, high = (-(-size // step) * step for size in (320, 640))
    return f"--range {axis.place}={f'{step}*k:' if step > 1 else ''}{low}..{high}"


def _check(derivation: Derivation, ranges: Ranges, end: End) -> None:
    """See that the sizes at one end of all ranges are taken."""
    at = {place: getattr(known, end) for place, known in ranges.axes.items()}
    from shapetrace.sizes import refusing  # imports the rules

    failing = refusing.first_failing(derivation, at)
    if failing is None:
        return
    why = derivation.because(failing).said
    for axis in ranges.found.axes:
        nearest = [] if axis.fixed_by_spec else _nearest(derivation, at, ranges.found.together_with(axis))
        if nearest:
            sizes = joined("{} and {}", list(map(str, nearest)))
            raise UsageError(
                said(
                    "{} is not taken at {}, the {} of its range, since {}; the nearest sizes that are taken: {}",
                    axis.place,
                    at[axis.place],
                    end,
                    why,
                    sizes,
                )
            )
    shapes = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in ranges.shapes(end).items())
    raise UsageError(said("{} is not taken, the {} of the ranges, since {}", shapes, end, why))


def _nearest(derivation: Derivation, at: Mapping[str, int], places: Sequence[str]) -> list[int]:
    """The next smaller and the next larger size of some axes that is taken, the others as they are."""
    size = at[places[0]]

    def taken(other: int) -> bool:
        return derivation.fits({**at, **dict.fromkeys(places, other)})

    found = (
        next(filter(taken, sizes), None)
        for sizes in (range(size - 1, max(size - _FARTHEST, 0), -1), range(size + 1, size + _FARTHEST))
    )
    return [each for each in found if each is not None]
