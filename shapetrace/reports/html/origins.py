"""Says of every dim where it comes from, so that the page can walk back from any tensor without a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shapetrace import symbolic
from shapetrace.graph.operands import Lookup, Slot
from shapetrace.reports.printable import short
from shapetrace.trace import Conversion, Op

Sources = int | list[int]
"""0 for a dim that starts here, else pairs of a value and its axis; an axis of -1 - n is the dim it holds as element n."""


@dataclass
class Origins:
    """What `origins` found."""

    sources: list[int | list[Sources]] = field(default_factory=list)
    """For each value the sources of its axes, and then of the dims it holds; 0 where all of them start there."""
    turns: dict[int, dict[int, str]] = field(default_factory=dict)
    """Value and place in that list, to the dim that stood there before a number took its place, or a dim a number's."""


class _Remembering(Lookup):
    """A lookup for questions about every dim of a program: what it answers over and over it keeps."""

    def __init__(self, conversion: Conversion) -> None:
        super().__init__(conversion)
        self._axes: dict[int, list[Slot]] = {}
        self._operands: tuple[Op | None, list[int]] = None, []

    def axes(self, value: int) -> list[Slot]:
        """One slot for each axis of a value."""
        found = self._axes.get(value)
        if found is None:
            found = self._axes[value] = super().axes(value)
        return found

    def operands(self, op: Op) -> Iterator[int]:
        """The tensors an op works on: each dim of its result asks for them."""
        if self._operands[0] is not op:
            self._operands = op, list(super().operands(op))
        return iter(self._operands[1])


def origins(conversion: Conversion) -> Origins:
    """The sources of all dims of a conversion: those that `graph.why` follows.

    Args:
        conversion: The conversion.
    """
    lookup = _Remembering(conversion)
    found = Origins()
    for value in range(len(conversion.values)):
        places: list[Sources] = []
        for place, slot in enumerate((*lookup.axes(value), *lookup.held(value))):
            slots, _, before = lookup.sources(slot)
            places.append([n for slot in slots for n in (slot.value, -1 - slot.axis if slot.held else slot.axis)] or 0)
            if before:
                found.turns.setdefault(value, {})[place] = short(symbolic.text(before, conversion.names))
        found.sources.append(places if any(places) else 0)
    return found
