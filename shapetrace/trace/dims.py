"""The dims that Python held, as expressions over the axes of inputs: each is worked out once for all who ask."""

from __future__ import annotations

from collections.abc import Container, Mapping

from shapetrace import symbolic
from shapetrace.trace import Conversion, DimRecord, DimRef, Trace

UNKNOWN = "unknown"
"""Stands for a dim of which no symbolic form is known, as a symbol in an expression."""


class DimExpressions:
    """Answers for the dims of one trace, by their index in `Trace.dims`.

    Args:
        trace: The trace. Its dims have their operands before them.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._known: dict[int, str] = {}
        self._first: dict[int, int] = {}
        """Dim to the first read that it goes back to."""

    def lineage(self, dim: int, but: Container[int] = ()) -> list[int]:
        """A dim after all it was computed from, each once, operands first.

        Args:
            dim: The dim.
            but: Dims that are left out, with all that only they were computed from.
        """
        visited, pending = {dim}, [dim]
        while pending:
            for operand in self._trace.dims[pending.pop()].operands:
                if isinstance(operand, DimRef) and operand.id not in visited and operand.id not in but:
                    visited.add(operand.id)
                    pending.append(operand.id)
        return sorted(visited)

    def reads(self, dim: int) -> list[int]:
        """The reads that a dim goes back to, as indices into `Trace.dims`."""
        return [index for index in self.lineage(dim) if self._trace.dims[index].op == "read"]

    def conversion(self, read: DimRecord) -> Conversion | None:
        """The conversion a dim was read in; None where that is not known."""
        return self._trace.conversions[read.conversion] if read.conversion >= 0 else None

    def expression(self, dim: int) -> str:
        """A dim in the form of `Conversion.expressions`; what nothing is known of is the symbol `UNKNOWN`."""
        if dim not in self._known:
            for index in self.lineage(dim, but=self._known):
                self._known[index] = self._worked_out(index)
        return self._known[dim]

    def text(self, dim: int) -> str:
        """A dim over input axes under the names people know, such as `8*image[0]`; empty where that is not known."""
        expression = self.expression(dim)
        if UNKNOWN in symbolic.symbols(expression):
            return ""
        return symbolic.text(expression, self.names(dim))

    def names(self, dim: int) -> Mapping[str, str]:
        """What people call the symbols in the expression of a dim."""
        self.expression(dim)
        conversion = self.conversion(self._trace.dims[self._first[dim]])
        return conversion.names if conversion is not None else {}

    def _worked_out(self, index: int) -> str:
        record = self._trace.dims[index]
        behind = [self._first[operand.id] for operand in record.operands if isinstance(operand, DimRef)]
        self._first[index] = min(behind, default=index)
        if record.op == "read":
            return self._of_read(record)
        operands = [
            self._known[operand.id] if isinstance(operand, DimRef) else _written(operand) for operand in record.operands
        ]
        return symbolic.combine(record.op, operands)

    def _of_read(self, record: DimRecord) -> str:
        conversion = self.conversion(record)
        if conversion is not None and record.tensor >= 0:
            dims = conversion.values[record.tensor].dims
            if dims is not None and record.axis < len(dims):
                return conversion.expressions[dims[record.axis]]
        return UNKNOWN


def _written(operand: float | str) -> str:
    """A plain operand in the form of `Conversion.expressions`; nothing is known of one that is no real number."""
    return "Computed()" if isinstance(operand, str) else symbolic.constant(operand)
