"""How large the largest number in a tensor of whole numbers is, where that follows from sizes: positions that a table is asked for."""

from __future__ import annotations

from collections.abc import Callable

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.sizes.operands import Operands
from shapetrace.trace import Op

_AS_THEY_ARE = frozenset(
    ["cast", "unsqueeze", "squeeze", "flatten", "transpose", "expand", "expand_as", "tile", "assign", *ops.RESHAPES]
)
"""Ops whose result holds the numbers of their operand, and no others."""


class Largest:
    """Finds the largest number of tensors.

    Args:
        operands: Of the conversion.
    """

    def __init__(self, operands: Operands) -> None:
        self._operands = operands
        self._known: dict[int, str | None] = {}

    def of(self, index: int) -> str | None:
        """The largest number of a value, in the form of `shapetrace.symbolic`; None where it is not known.

        Args:
            index: Of the value, in `Conversion.values`; negative for an operand that is absent.
        """
        pending = [index]
        while pending:
            value = pending[-1]
            if value < 0 or value in self._known:
                pending.pop()
                continue
            op = self._operands.op_of(value)
            name = ops.bare(op.name).rstrip("_")
            behind = [operand for operand in op.inputs[: _BEHIND.get(name, 0)] if operand not in self._known]
            if behind and any(operand >= 0 for operand in behind):
                pending += [operand for operand in behind if operand >= 0]
                continue
            self._known[value] = self._worked_out(value, op, name)
            pending.pop()
        return self._known.get(index)

    def _worked_out(self, value: int, op: Op, name: str) -> str | None:
        held = self._operands.data_at(value)
        if held:
            return held[0] if len(held) == 1 else f"Max({', '.join(held)})"
        find = _LARGEST.get(name)
        return find(self, op) if find is not None else None

    def operand(self, op: Op, place: int) -> str | None:
        """The largest number of one operand."""
        return self._known.get(op.inputs[place]) if place < len(op.inputs) else None

    # Of each op

    def _range(self, op: Op) -> str | None:
        """It ends before its end."""
        start, end, step = (self._operands.data(each) for each in self._operands.operands(op))
        return f"Add({end[0]}, -1)" if end and step == ["1"] and start else None

    def _slice(self, op: Op) -> str | None:
        """A range from a place on: that place, and as many more as are left."""
        source = self._operands.op_of(op.inputs[0])
        starts = self._operands.data(self._operands.operand(op, 1))
        left = self._operands.result(op)
        if source.name != ops.RANGE or len(left) != 1 or len(starts) != 1 or starts[0].startswith("-"):
            return None
        first = self._operands.data(self._operands.operand(source, 0))
        return f"Add({first[0]}, {starts[0]}, {left[0]}, -1)" if first and self.operand(op, 0) else None

    def _alike(self, op: Op) -> str | None:
        """One number in all places."""
        held = self._operands.data(self._operands.operand(op, 1))
        return held[0] if len(held) == 1 else None

    def _cumulated(self, op: Op) -> str | None:
        """One number in all places, added up along an axis."""
        dims, axis = self._operands.result(op), self._operands.data(self._operands.operand(op, 1))
        constant = self._constant(op.inputs[0])
        if constant is None or not dims or len(axis) != 1 or op.attrs.get("flatten") or op.attrs.get("exclusive"):
            return None
        return f"Mul({constant}, {dims[int(axis[0]) % len(dims)]})"

    def _constant(self, index: int) -> str | None:
        """The number in all places of a value; None where they may differ."""
        alike = ops.bare(self._operands.op_of(index).name) == "full_like" or len(self._operands.data_at(index)) == 1
        held = self._known.get(index) if alike else None
        return held if held is not None and held.isdigit() else None

    def _sum(self, op: Op) -> str | None:
        numbers = [self.operand(op, place) for place in (0, 1)]
        if None in numbers or all(self._constant(index) is None for index in op.inputs[:2]):
            return None
        return f"Add({', '.join(map(str, numbers))})"

    def _less(self, op: Op) -> str | None:
        whole, taken = self.operand(op, 0), self._constant(op.inputs[1])
        return f"Add({whole}, -{taken})" if whole is not None and taken is not None else None

    def _scaled(self, op: Op) -> str | None:
        """With a number added."""
        factor, added = self._operands.data(self._operands.operand(op, 1)), op.attrs.get("bias", 0.0)
        if factor != ["1"] or not isinstance(added, float) or not added.is_integer():
            return None
        largest = self.operand(op, 0)
        return None if largest is None else f"Add({largest}, {int(added)})"

    def _same(self, op: Op) -> str | None:
        return self.operand(op, 0)


_LARGEST: dict[str, Callable[[Largest, Op], str | None]] = {
    **dict.fromkeys(_AS_THEY_ARE, Largest._same),
    "arange": Largest._range,
    "slice": Largest._slice,
    "full_like": Largest._alike,
    "cumsum": Largest._cumulated,
    "add": Largest._sum,
    "subtract": Largest._less,
    "scale": Largest._scaled,
}
_BEHIND = {**dict.fromkeys(_LARGEST, 1), "add": 2, "subtract": 2, "arange": 0, "full_like": 0}
"""How many of an op's first operands its largest number follows from."""


def looked_up(operands: Operands, largest: Largest, op: Op) -> tuple[str, str] | None:
    """The rows of the table that an op looks numbers up in, and how many it must have; None where that is not known.

    Args:
        operands: Of the conversion.
        largest: Of the same conversion.
        op: The op.
    """
    name = ops.bare(op.name)
    table, numbers = (1, 0) if name == "embedding" else (0, 1)
    found = largest.of(op.inputs[numbers])
    dims = operands.dims(operands.operand(op, table))
    axis = ["0"] if name == "embedding" else operands.data(operands.operand(op, 2)) or [str(op.attrs.get("axis", 0))]
    if found is None or not dims or not symbolic.symbols(found):
        return None
    return dims[int(axis[0]) % len(dims)], f"Add({found}, 1)"
