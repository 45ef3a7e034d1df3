"""Checks the shapes of Paddle's symbolic pass against shapes inferred at several sizes (`replay.py`, `fitted.py`): `--check-shapes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from shapetrace import symbolic
from shapetrace.capture.recorded import Recorded
from shapetrace.capture.shapes import fitted, replay
from shapetrace.capture.shapes.tables import Table
from shapetrace.said import Sentence, said
from shapetrace.trace import Conversion, Symbol, Tensor

_MOST = 20  # disagreements that are told
_Column = tuple[int, ...]


class Agreement(msgspec.Struct):
    """How the shapes of the pass and those inferred at several sizes compare, in dims that are not plain numbers in both."""

    agree: int = 0
    """Equal at all sizes."""
    opaque: dict[str, int] = msgspec.field(default_factory=dict)
    """By op: one side at least has no expression of the inputs' axes for it, and nothing speaks against what it has."""
    differ: list[Sentence] = msgspec.field(default_factory=list)
    """A sentence for each that is not equal."""
    missing: int = 0
    """Told by one side only."""
    failed: int = 0
    """Ops that could not be made again at the sizes tried."""

    def sentences(self, function: str) -> list[Sentence]:
        """What there is to say, the numbers first."""
        numbers = said(
            "shapes checked in {}: {} dims agree, {} differ, {} are opaque to one side, {} are told by one side only",
            function,
            self.agree,
            len(self.differ),
            sum(self.opaque.values()),
            self.missing,
        )
        if self.failed:
            numbers = said("{}; some ops could not be inferred at the sizes tried", numbers)
        more = len(self.differ) - _MOST
        return [numbers, *self.differ[:_MOST], *([said("... and {} more dims that differ", more)] if more > 0 else [])]


def check(program: Any, conversion: Conversion, recorded: Recorded, cpu: float) -> Agreement:
    """Compare what the pass has told of a conversion with shapes inferred at several sizes.

    Args:
        program: It is not changed.
        conversion: Recorded of it, with the shapes that the pass has told.
        recorded: Where to find what was recorded.
        cpu: Seconds that it may take.

    Raises:
        TimeoutError, RuntimeError: See `replay.table`.
    """
    table = replay.table(program, cpu)
    other = Conversion(
        conversion.function,
        ops=conversion.ops,
        values=[msgspec.structs.replace(value, dims=None, data=None) for value in conversion.values],
    )
    other.sites = conversion.sites
    fitted.write(other, table, recorded.slots)
    return _Comparison(conversion, other, table, recorded.slots).whole()


class _Comparison:
    """Of the pass's shapes (`first`) and the fitted ones (`second`) of the same program."""

    def __init__(self, first: Conversion, second: Conversion, table: Table, slots: Mapping[int, str]) -> None:
        self.first = first
        self.second = second
        self.table = table
        self.slots = slots
        axes = {axis: place for place, axis in enumerate(table.axes)}
        self.columns: dict[str, _Column] = {}
        """What each symbol of the pass is in the rows; those that are born get theirs where they are met first."""
        for symbol in first.symbols:
            place = axes.get((symbol.input or "", -1 if symbol.axis is None else symbol.axis))
            if place is not None:
                self.columns[symbol.key] = tuple(row.sizes[place] for row in table.rows)
        self.born = {symbol.key for symbol in second.symbols if _is_born(symbol)}
        self.found = Agreement(failed=table.failed)

    def whole(self) -> Agreement:
        for index, value in enumerate(self.first.values):
            told, column = value.dims, self.columns_of(index)
            fit = self.second.values[index].dims
            if told is None or fit is None or len(column) != len(told):
                self.found.missing += len([size for size in value.shape if size < 0])
                continue
            for axis, sizes in enumerate(column):
                self.dim(index, axis, self.first.expressions[told[axis]], self.second.expressions[fit[axis]], sizes)
        return self.found

    def columns_of(self, index: int) -> list[_Column]:
        rows = [row.shapes.get(self.slots.get(index, "")) for row in self.table.rows]
        full = [row for row in rows if row is not None]
        return list(zip(*full, strict=True)) if len(full) == len(rows) and len({len(row) for row in full}) == 1 else []

    def dim(self, index: int, axis: int, told: str, fit: str, sizes: _Column) -> None:
        if told == fit and not symbolic.symbols(told):
            return
        if told in self.columns and self.columns[told] == sizes:
            self.found.agree += 1
            return
        unknown = symbolic.symbols(told) - self.columns.keys()
        if unknown == {told}:
            self.columns[told] = sizes  # from here on it has to be that
        if unknown or symbolic.symbols(fit) & self.born:
            op = Tensor(self.first, index).op
            self.found.opaque[op] = self.found.opaque.get(op, 0) + 1
        elif tuple(self.at_rows(told)) == sizes:
            self.found.agree += 1
        else:
            self.found.differ.append(self.sentence(index, axis, told, fit))

    def at_rows(self, told: str) -> Iterator[int | None]:
        for row in range(len(self.table.rows)):
            try:
                yield symbolic.evaluate(told, {key: column[row] for key, column in self.columns.items()})
            except ValueError:
                yield None

    def sentence(self, index: int, axis: int, told: str, fit: str) -> Sentence:
        tensor = Tensor(self.first, index)
        site = tensor.site
        where = f", {site.file}:{site.line}" if site is not None else ""
        return said(
            "the symbolic pass says that axis {} of {} ({}) is {}, and inferred at several sizes it is {}",
            axis,
            tensor.name,
            f"{tensor.op}{where}",
            symbolic.text(told, self.first.names),
            symbolic.text(fit, self.second.names),
        )


def _is_born(symbol: Symbol) -> bool:
    return symbol.input is None
