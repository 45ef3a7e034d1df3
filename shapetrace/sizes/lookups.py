"""How large the largest number in a tensor of whole numbers is, where that follows from sizes: positions that a table is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.sizes.operands import Operands
from shapetrace.trace import Op

_AS_THEY_ARE = frozenset(
    [
        *("cast", "unsqueeze", "squeeze", "flatten", "transpose", "expand", "expand_as", "tile", "assign", "stack"),
        *("concat", *ops.RESHAPES),
    ]
)
"""Ops whose result holds the numbers of their operand, and no others."""


_MOST_JOINED = 64  # tensors in a list of which the numbers are looked at


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
        """It ends before its end, a whole number of steps from its start."""
        start, end, step = (self._operands.data(each) for each in self._operands.operands(op))
        if not start or not end or not step or not step[0].isdigit():
            return None
        if step == ["1"]:
            return f"Add({end[0]}, -1)"
        return f"Add({start[0]}, Mul(Div(Add({end[0]}, Mul({start[0]}, -1), -1), {step[0]}), {step[0]}))"

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
        """With a factor, and then a number added."""
        factor, added = self._operands.data(self._operands.operand(op, 1)), op.attrs.get("bias", 0.0)
        if len(factor) != 1 or not factor[0].isdigit() or not isinstance(added, float) or not added.is_integer():
            return None
        largest = self.operand(op, 0)
        whole = op.attrs.get("bias_after_scale", True) or factor == ["1"]
        return f"Add(Mul({largest}, {factor[0]}), {int(added)})" if largest is not None and whole else None

    def _times(self, op: Op) -> str | None:
        whole, factor = self.operand(op, 0), self._constant(op.inputs[1])
        return f"Mul({whole}, {factor})" if whole is not None and factor is not None else None

    def _divided(self, op: Op) -> str | None:
        whole, divisor = self.operand(op, 0), self._constant(op.inputs[1])
        return f"Div({whole}, {divisor})" if whole is not None and divisor not in (None, "0") else None

    def _clipped(self, op: Op) -> str | None:
        whole, most = self.operand(op, 0), self._constant(op.inputs[1])
        return f"Min({whole}, {most})" if whole is not None and most is not None else None

    def _same(self, op: Op) -> str | None:
        return self.operand(op, 0)

    def _of_all(self, op: Op) -> str | None:
        """The largest of a list of tensors."""
        found = [self.operand(op, place) for place in range(len(op.inputs))]
        return (
            None if None in found or not found else f"Max({', '.join(map(str, found))})" if len(found) > 1 else found[0]
        )


_LARGEST: dict[str, Callable[[Largest, Op], str | None]] = {
    **dict.fromkeys(_AS_THEY_ARE, Largest._same),
    ops.COMBINE.rpartition(".")[2]: Largest._of_all,
    "arange": Largest._range,
    "slice": Largest._slice,
    "full_like": Largest._alike,
    "cumsum": Largest._cumulated,
    "add": Largest._sum,
    "subtract": Largest._less,
    "scale": Largest._scaled,
    "multiply": Largest._times,
    "floor_divide": Largest._divided,
    "minimum": Largest._clipped,
}
_BEHIND = {
    **dict.fromkeys(_LARGEST, 1),
    **dict.fromkeys(("add", "subtract", "multiply", "floor_divide", "minimum"), 2),
    **dict.fromkeys(("arange", "full_like"), 0),
    "combine": _MOST_JOINED,
}
"""How many of an op's first operands its largest number follows from."""


def looked_up(operands: Operands, largest: Largest, op: Op) -> Iterator[tuple[str, str]]:
    """The rows of each axis of a table that an op looks numbers up in, and how many it must have, where that is known.

    Args:
        operands: Of the conversion.
        largest: Of the same conversion.
        op: The op.
    """
    dims = operands.dims(operands.operand(op, 1 if ops.bare(op.name) == "embedding" else 0))
    for axis, number in _axes_of(operands, op):
        found = largest.of(number)
        if found is not None and axis < len(dims) and symbolic.symbols(found) | symbolic.symbols(dims[axis]):
            yield dims[axis], f"Add({found}, 1)"


def unknown_places(operands: Operands, largest: Largest, op: Op) -> frozenset[str]:
    """The symbols of an op that looks up numbers which follow from sizes alone, where it is not known how large they are.

    Args:
        operands: Of the conversion.
        largest: Of the same conversion.
        op: The op.
    """
    values = [number for _, number in _axes_of(operands, op) if largest.of(number) is None]
    if ops.bare(op.name) == "gather_nd" and not _axes_of(operands, op):
        values = [op.inputs[1]]
    return frozenset().union(*(_sizes_behind(operands, value) for value in values))


def _sizes_behind(operands: Operands, index: int) -> frozenset[str]:
    """The symbols that the numbers of a value follow from; none where they are of an input, a table or chance, too."""
    found, pending, seen = set[str](), [index], set[int]()
    while pending:
        index = pending.pop()
        if index < 0 or index in seen:
            continue
        seen.add(index)
        op = operands.op_of(index)
        held = operands.data_at(index)
        if op.name in ops.GIVEN or (not op.inputs and not held):
            return frozenset()
        found = found.union(*map(symbolic.symbols, held))
        pending += op.inputs if not held else ()
    return frozenset(found)


def _axes_of(operands: Operands, op: Op) -> list[tuple[int, int]]:
    """The axes of a table that are looked up in, each with the value that holds the numbers."""
    name = ops.bare(op.name)
    if name == "embedding":
        return [(0, op.inputs[0])]
    index = op.inputs[1]
    if name == "gather_nd":
        return list(enumerate(_columns(operands, index)))
    given = operands.data(operands.operand(op, 2)) or [str(op.attrs.get("axis", 0))]
    rank = len(operands.dims(operands.operand(op, 0)))
    return [(int(given[0]) % rank, index)] if rank else []


def _columns(operands: Operands, index: int) -> Sequence[int]:
    """The values that the columns of a tensor of places are made of."""
    made, shape = operands.op_of(index), operands.conversion.values[index].shape
    if shape and shape[-1] == 1:
        return [index]
    if ops.bare(made.name) == "stack" and made.attrs.get("axis") in (-1, len(shape) - 1):
        return operands.op_of(made.inputs[0]).inputs
    return []
