"""The way of a dim through the source, line by line, back to the input axis or constant it comes from."""

from __future__ import annotations

from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.graph.operands import Lookup, Slot
from shapetrace.trace import Tensor, Trace

_LONGEST = 100_000


class Stop(NamedTuple):
    """A line on the way, and the dim there."""

    file: str
    line: int
    code: str
    dim: str


class Ways:
    """The ways of dims of one trace; what is looked up of a conversion is kept.

    Args:
        trace: The trace.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._lookups: dict[int, Lookup] = {}

    def way(self, conversion: int, value: int, axis: int, *, held: bool = False) -> list[Stop]:
        """The lines that a dim went through, the asked one first, each once in a row. Where it comes from several dims, the first is followed.

        Args:
            conversion: Index of the conversion.
            value: Index of the tensor in it.
            axis: The axis, or which element of what it holds.
            held: Whether it is one of the numbers that the tensor holds.
        """
        program = self._trace.conversions[conversion]
        lookup = self._lookups.setdefault(conversion, Lookup(program))
        stops: list[Stop] = []
        slot, seen = Slot(value, axis, held), set[Slot]()
        while slot not in seen and len(seen) < _LONGEST:
            seen.add(slot)
            site = Tensor(program, slot.value).site
            if site is not None and (not stops or stops[-1][:2] != (site.file, site.line)):
                dim = symbolic.text(lookup.expression(slot), program.names)
                stops.append(Stop(site.file, site.line, site.code, dim))
            sources, _, _ = lookup.sources(slot)
            slot = sources[0] if sources else slot
        return stops
