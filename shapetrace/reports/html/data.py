"""Packs a trace into the compact columns that the page's script reads.

Text is kept once in a string table, shapes and layers once each, and every column is a flat list: 50,000
tensors are a few megabytes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from shapetrace.reports import wording
from shapetrace.reports.html.origins import origins
from shapetrace.reports.printable import short
from shapetrace.trace import Conversion, Finding, OpArgument, Trace

T = TypeVar("T", bound=Hashable)


class Table(Generic[T]):
    """Keeps each item once and says where."""

    def __init__(self) -> None:
        self._places: dict[T, int] = {}

    def add(self, item: T) -> int:
        """Index of `item`, which is added if it is new."""
        return self._places.setdefault(item, len(self._places))

    def items(self) -> list[T]:
        """All items, in the order of their indices."""
        return list(self._places)


def pack(trace: Trace) -> dict[str, Any]:
    """The columns of all conversions of a trace.

    Args:
        trace: The trace.

    Returns:
        `strings`, the table of texts; `conversions`, whose numbers are indices into it (`layers`, names, dtypes),
        into the tables beside them (`shapeTable`, `dimTable`, `places`), or into `ops` and `values`; -1 where there is none.
    """
    strings: Table[str] = Table()
    return {
        "conversions": [_conversion(trace, index, strings) for index in range(len(trace.conversions))],
        "strings": strings.items(),
    }


def _conversion(trace: Trace, index: int, strings: Table[str]) -> dict[str, Any]:
    conversion = trace.conversions[index]
    layers: Table[str] = Table()
    shapes: Table[tuple[int, ...]] = Table()
    dims: Table[tuple[int, ...]] = Table()
    places: Table[tuple[int, int, int]] = Table()
    names = {i: strings.add(short(value.name)) for i, value in enumerate(conversion.values) if value.name}
    printed = _printed(conversion, strings)
    found = origins(conversion)

    def place(stack: tuple[int, ...]) -> int:
        if not stack or not 0 <= stack[-1] < len(trace.sites):
            return -1
        site = trace.sites[stack[-1]]
        return places.add((strings.add(short(site.file)), site.line, strings.add(short(site.function))))

    def symbolic(indices: tuple[int, ...] | None) -> int:
        return -1 if indices is None else dims.add(tuple(printed[i] for i in indices))

    return {
        "function": short(conversion.function),
        "inputs": [short(given.name) for given in conversion.inputs],
        "outputs": list(conversion.outputs),
        "failure": short(f"{conversion.failure.type}: {conversion.failure.message}") if conversion.failure else "",
        "symbolicError": short(conversion.symbolic_error),
        "ops": {
            "name": [strings.add(short(op.name)) for op in conversion.ops],
            "layer": [layers.add(op.layer) for op in conversion.ops],
            "place": [place(op.stack) for op in conversion.ops],
            "inputs": [list(op.inputs) for op in conversion.ops],
        },
        "values": {
            "op": [value.op for value in conversion.values],
            "dtype": [strings.add(short(value.dtype)) for value in conversion.values],
            "shape": [shapes.add(value.shape) for value in conversion.values],
            "dims": [symbolic(value.dims) for value in conversion.values],
            "data": {i: symbolic(value.data) for i, value in enumerate(conversion.values) if value.data is not None},
            "name": names,
        },
        "origins": found.sources,
        "turns": found.turns,
        "layers": [_layer(layer) for layer in layers.items()],
        "shapeTable": shapes.items(),
        "dimTable": dims.items(),
        "places": places.items(),
        "marks": _marks(trace, index),
        "focus": _focus(trace, index),
    }


def _printed(conversion: Conversion, strings: Table[str]) -> list[int]:
    """For each expression the index of its text."""
    texts = conversion.printed(tuple(range(len(conversion.expressions)))) or ()
    return [strings.add(short(text)) for text in texts]


def _layer(path: str) -> list[str]:
    return [short(part, 200) for part in path.split("/") if part]


def _marks(trace: Trace, conversion: int) -> list[list[int]]:
    """Pairs of an op and a finding that is about it, took what it is about, or read the shape of what the op made."""
    return [
        [op, number]
        for number, finding in enumerate(trace.findings)
        if finding.conversion in (-1, conversion)
        for op in sorted(_ops_of(trace, finding, conversion))
    ]


def _focus(trace: Trace, conversion: int) -> int:
    """The op that the graph opens at: what took the number of the gravest finding, or is nearest to it; -1 where nothing is wrong."""
    for finding in wording.ordered(trace.findings):
        if finding.conversion not in (-1, conversion):
            continue
        uses = [trace.uses[index] for index in finding.uses]
        taken = [use.taker for use in uses if isinstance(use, OpArgument) and use.conversion == conversion]
        near = [*(op for op in taken if op >= 0), *finding.ops, *sorted(_ops_of(trace, finding, conversion))]
        if near:
            return near[0]
    return -1


def _failed(conversion: Conversion) -> set[int]:
    """The last op that was made at the line that ended a conversion, else the last one that has a line."""
    if conversion.failure is None:
        return set()
    placed = [index for index, op in enumerate(conversion.ops) if op.stack]
    at = conversion.failure.stack[-1:]
    return set(([index for index in placed if conversion.ops[index].stack[-1:] == at] or placed)[-1:])


def _ops_of(trace: Trace, finding: Finding, conversion: int) -> set[int]:
    """The ops of a conversion that have part in a finding."""
    values = trace.conversions[conversion].values
    uses = [trace.uses[index] for index in finding.uses]
    reads = [trace.dims[index] for index in finding.reads]
    taken = {use.taker for use in uses if isinstance(use, OpArgument) and use.conversion == conversion}
    made = {values[read.tensor].op for read in reads if read.tensor >= 0 and read.conversion == conversion}
    found = {op for op in taken | made if op >= 0} | set(finding.ops)
    return found or (_failed(trace.conversions[conversion]) if finding.conversion == conversion else set())
