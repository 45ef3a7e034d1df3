"""Why an export does not take a size: the first op of the program that does not, and the nearest sizes that are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from shapetrace import symbolic
from shapetrace.errors import UsageError
from shapetrace.said import Sentence, joined, said
from shapetrace.sizes.demands import Demand
from shapetrace.sizes.deriving import Derivation
from shapetrace.sizes.results import Because, Sizes, in_lines
from shapetrace.trace import Trace

_FARTHEST = 1 << 13


@dataclass(frozen=True)
class Refusal:
    """What becomes of sizes that somebody asked for."""

    found: Sizes
    asked: Mapping[str, int]
    """Sizes by the place of the axis."""
    at: Mapping[str, int]
    """The sizes of all unknown axes."""
    because: Because | None = None
    """The op that does not take them; None where they are taken, or where that is not decided."""
    numbers: tuple[int, int] | None = None
    """The two dims that it compares, at these sizes; None where one is no number."""
    nearest: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """For each axis that was asked for the nearest sizes that are taken, the others as they were held."""

    def text(self, say: Callable[[Sentence], str] = str) -> str:
        """As people read it.

        Args:
            say: Words a sentence; in English without it.
        """
        return "\n".join(map(say, self._lines())) + "\n"

    def _lines(self) -> Iterator[Sentence]:
        asked = ", ".join(f"{place}={size}" for place, size in self.asked.items())
        others = ", ".join(f"{place}={size}" for place, size in self.at.items() if place not in self.asked)
        held = said(" (with {})", others) if others else ""
        if self.because is None:
            undecided = [reason for place in self.asked for reason in self.found.axis(place).undecided]
            reasons = [reason for reason in undecided if not reason.at_each_size]
            if reasons:
                yield said("whether {} takes {}{} is not decided:", self.found.function, asked, held)
            else:
                yield said("{} takes {}{}", self.found.function, asked, held)
            yield from (said("  {}", line) for line in in_lines([*dict.fromkeys(reasons)]))
            return
        yield said("{} does not take {}{}", self.found.function, asked, held)
        numbers = said(": {} and {}", *self.numbers) if self.numbers else ""
        yield said("  {}{}", self.because.said, numbers)
        if (site := self.because.site) is not None:
            yield f"    {site.file}:{site.line}  {site.code}".rstrip()
        for place, sizes in self.nearest.items():
            if sizes:
                near = joined("{} and {}", [*map(str, sizes)])
                yield said("  nearest sizes of {} that are taken: {}", place, near)
            else:
                yield said("  no size of {} is taken", place)


def refusal(trace: Trace, number: int, asked: Mapping[str, int]) -> Refusal:
    """Why a conversion does not take sizes.

    Args:
        trace: The trace.
        number: Index of the conversion.
        asked: Sizes by the place of an axis, or its name.

    Raises:
        UsageError: There is no such axis, the spec fixes it to another size, or no sizes of the others are known.
    """
    derivation = Derivation(trace, number)
    found = derivation.sizes()
    named: dict[str, int] = {}
    for name, size in asked.items():
        axis = found.axis(name)
        named[axis.place] = size
        if axis.fixed_by_spec and size not in axis.pattern:
            raise UsageError(
                said("{} is {} in the spec, and no size of the export", axis.place, (axis.pattern.values or ("?",))[0])
            )
    if not found.at:
        raise UsageError(said("no sizes of all axes were found that go together: `shapetrace sizes` says why"))
    placed: dict[str, int] = {}
    for place in named:  # those that are equal to it and not asked for follow the largest, which may be broadcast to
        together = found.together_with(found.axis(place))
        largest = max(named[other] for other in together if other in named)
        placed |= {other: named.get(other, largest) for other in together}
    at = {place: placed.get(place, size) for place, size in found.at.items()}
    failing = first_failing(derivation, at)
    if failing is None:
        return Refusal(found, placed, at)
    near = {}
    for place, size in placed.items():
        axis = found.axis(place)
        if size not in axis.pattern:
            near[place] = _nearest(axis.pattern.__contains__, size)
        elif axis.undecided and all(because.at_each_size for because in axis.undecided):
            near[place] = _nearest(partial(_fits, derivation, at, found.together_with(axis)), size)
    return Refusal(found, placed, at, derivation.because(failing), _numbers(failing, derivation.assigned(at)), near)


def first_failing(derivation: Derivation, at: Mapping[str, int]) -> Demand | None:
    """The first demand in the program that does not hold; of what depends on more than sizes, or is asked under a condition, nothing is said.

    Args:
        derivation: The demands.
        at: Sizes of axes, by their places.
    """
    sizes = derivation.assigned(at)
    return next((demand for demand in derivation.always if demand.fails(sizes)), None)


def _numbers(demand: Demand, sizes: Mapping[str, int]) -> tuple[int, int] | None:
    try:
        return symbolic.evaluate(demand.left, sizes), symbolic.evaluate(demand.right, sizes)
    except ValueError:
        return None


def _fits(derivation: Derivation, at: Mapping[str, int], places: Sequence[str], size: int) -> bool:
    return derivation.fits({**at, **dict.fromkeys(places, size)})


def _nearest(takes: Callable[[int], bool], size: int) -> tuple[int, ...]:
    """The next smaller and the next larger size that is taken."""
    below = next(filter(takes, range(size - 1, 0, -1)), None)
    above = next(filter(takes, range(size + 1, size + _FARTHEST)), None)
    return tuple(each for each in (below, above) if each is not None)
