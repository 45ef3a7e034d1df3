"""Between which numbers those in a tensor of whole numbers are, where that follows from sizes: positions that a table is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from shapetrace import symbolic
from shapetrace.facts import free_ops, ops
from shapetrace.sizes.operands import Operands
from shapetrace.symbolic.signs import never_negative
from shapetrace.trace import Op

_AS_THEY_ARE = frozenset(
    [
        *("cast", "unsqueeze", "squeeze", "flatten", "transpose", "expand", "expand_as", "tile", "assign", "stack"),
        *("concat", "flip", "roll", *ops.RESHAPES),
    ]
)
"""Ops whose result holds the numbers of their operand, and no others."""
_MOST_JOINED = 64  # tensors in a list of which the numbers are looked at


class Span(NamedTuple):
    """The smallest and the largest number of a tensor, in the form of `shapetrace.symbolic`."""

    low: str
    high: str
    whole: bool = False
    """Whether all numbers between them are there."""

    @property
    def number(self) -> str | None:
        """The one number that is in all places, where it is written down; else None."""
        return self.low if self.low == self.high and self.low.removeprefix("-").isdigit() else None


class Spans:
    """Finds the smallest and largest numbers of tensors.

    Args:
        operands: Of the conversion.
    """

    def __init__(self, operands: Operands) -> None:
        self._operands = operands
        self._known: dict[int, Span | None] = {}

    def of(self, index: int) -> Span | None:
        """Between which numbers those of a value are; None where that is not known.

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

    def _worked_out(self, value: int, op: Op, name: str) -> Span | None:
        held = self._operands.data_at(value)
        if held:
            return _all_of([Span(number, number, True) for number in held])
        find = _SPANS.get(name)
        return find(self, op) if find is not None else None

    def operand(self, op: Op, place: int) -> Span | None:
        """The same of one operand."""
        return self._known.get(op.inputs[place]) if place < len(op.inputs) else None

    # Of each op

    def _range(self, op: Op) -> Span | None:
        """It ends before its end, a whole number of steps from its start."""
        start, end, step = (self._operands.data(each) for each in self._operands.operands(op))
        if not start or not end or not step or not step[0].isdigit():
            return None
        if step == ["1"]:
            return Span(start[0], f"Add({end[0]}, -1)", True)
        count = f"Div(Add({end[0]}, Mul({start[0]}, -1), -1), {step[0]})"
        return Span(start[0], f"Add({start[0]}, Mul({count}, {step[0]}))")

    def _slice(self, op: Op) -> Span | None:
        """A range from a place on: that place, and as many more as are left."""
        source = self._operands.op_of(op.inputs[0])
        starts = self._operands.data(self._operands.operand(op, 1))
        left, known = self._operands.result(op), self.operand(op, 0)
        if source.name != ops.RANGE or len(left) != 1 or len(starts) != 1 or starts[0].startswith("-"):
            return None
        if known is None or not known.whole:
            return None
        low = symbolic.combine("+", (known.low, starts[0]))
        return Span(low, f"Add({low}, {left[0]}, -1)", True)

    def _written(self, op: Op) -> Span | None:
        """Numbers that the program holds."""
        numbers = op.attrs.get("values") or ()
        if not numbers or any(not isinstance(number, int | float) or number != int(number) for number in numbers):
            return None
        return Span(str(int(min(numbers))), str(int(max(numbers))))

    def _alike(self, op: Op) -> Span | None:
        """One number in all places."""
        held = self._operands.data(self._operands.operand(op, 0 if ops.bare(op.name) == "full_with_tensor" else 1))
        return Span(held[0], held[0], True) if len(held) == 1 else None

    def _cumulated(self, op: Op) -> Span | None:
        """One number in all places, added up along an axis."""
        dims, axis = self._operands.result(op), self._operands.data(self._operands.operand(op, 1))
        number = self._number(op, 0)
        flat = bool(op.attrs.get("flatten")) and len(dims) > 1
        if number is None or number.startswith("-") or not dims or len(axis) != 1 or flat or op.attrs.get("exclusive"):
            return None
        return Span(number, f"Mul({number}, {dims[int(axis[0]) % len(dims)]})", number == "1")

    def _number(self, op: Op, place: int) -> str | None:
        """The number in all places of an operand; None where they may differ."""
        known = self.operand(op, place)
        return known.number if known is not None else None

    def _apart(self, op: Op) -> bool:
        """Whether each number of one operand meets each of the other: along every axis one of them has one number."""
        first, second = (self._operands.dims(self._operands.operand(op, place)) for place in (0, 1))
        return all("1" in pair for pair in zip(reversed(first), reversed(second), strict=False)) or any(
            self._number(op, place) is not None for place in (0, 1)
        )

    def _pair(self, op: Op) -> tuple[Span, Span] | None:
        """What both operands are between, where each number of one meets each of the other."""
        first, second = self.operand(op, 0), self.operand(op, 1)
        return (first, second) if first is not None and second is not None and self._apart(op) else None

    def _sum(self, op: Op) -> Span | None:
        pair = self._pair(op)
        if pair is None:
            return None
        a, b = pair
        low, high = symbolic.combine("+", (a.low, b.low)), symbolic.combine("+", (a.high, b.high))
        return Span(low, high, a.whole and b.whole)

    def _less(self, op: Op) -> Span | None:
        pair = self._pair(op)
        if pair is None:
            return None
        a, b = pair
        low, high = symbolic.combine("-", (a.low, b.high)), symbolic.combine("-", (a.high, b.low))
        return Span(low, high, a.whole and b.whole)

    def _scaled(self, op: Op) -> Span | None:
        """With a factor, and then a number added."""
        factor, added = self._operands.data(self._operands.operand(op, 1)), op.attrs.get("bias", 0.0)
        known = self.operand(op, 0)
        if known is None or len(factor) != 1 or not isinstance(added, float) or not added.is_integer():
            return None
        if not factor[0].removeprefix("-").isdigit() or not (op.attrs.get("bias_after_scale", True) or factor == ["1"]):
            return None
        low, high = (f"Add(Mul({each}, {factor[0]}), {int(added)})" for each in known[:2])
        whole = known.whole and factor[0] in ("1", "-1")
        return Span(high, low, whole) if factor[0].startswith("-") else Span(low, high, whole)

    def _times(self, op: Op) -> Span | None:
        """By a number, by itself, or each by each; none of them negative."""
        a, b = self.operand(op, 0), self.operand(op, 1)
        together = op.inputs[0] == op.inputs[1] or self._apart(op)
        if a is None or b is None or not together or not (never_negative(a.low) and never_negative(b.low)):
            return None
        return Span(symbolic.combine("*", (a.low, b.low)), symbolic.combine("*", (a.high, b.high)))

    def _powered(self, op: Op) -> Span | None:
        known, exponent = self.operand(op, 0), self._number(op, 1)
        if known is None or exponent is None or not exponent.isdigit() or not never_negative(known.low):
            return None
        return Span(f"Pow({known.low}, {exponent})", f"Pow({known.high}, {exponent})")

    def _divided(self, op: Op) -> Span | None:
        known, divisor = self.operand(op, 0), self._number(op, 1)
        if known is None or divisor is None or not divisor.isdigit() or divisor == "0":
            return None
        return Span(f"Div({known.low}, {divisor})", f"Div({known.high}, {divisor})", known.whole)

    def _remainder(self, op: Op) -> Span | None:
        """Of all numbers from 0 on."""
        known, divisor = self.operand(op, 0), self._number(op, 1)
        if known is None or divisor is None or not divisor.isdigit() or divisor == "0":
            return None
        if known.low != "0" or not known.whole:
            return None
        return Span("0", f"Min({known.high}, {int(divisor) - 1})", True)

    def _bounded(self, op: Op) -> Span | None:
        """No more than a number, or no less."""
        pair = self._pair(op)
        name = "Min" if ops.bare(op.name).startswith("minimum") else "Max"
        if pair is None or self._number(op, 1) is None:
            return None
        (known, limit) = pair
        return Span(f"{name}({known.low}, {limit.low})", f"{name}({known.high}, {limit.low})", known.whole)

    def _clipped(self, op: Op) -> Span | None:
        known = self.operand(op, 0)
        limits = [self._operands.data(self._operands.operand(op, place)) for place in (1, 2)]
        if known is None or not all(len(each) == 1 for each in limits):
            return None
        (least,), (most,) = limits
        low, high = (f"Min(Max({number}, {least}), {most})" for number in known[:2])
        return Span(low, high, known.whole)

    def _without_sign(self, op: Op) -> Span | None:
        """Of all numbers from one below 0 to one above it."""
        known = self.operand(op, 0)
        if known is None:
            return None
        below = symbolic.combine("neg", [known.low])
        if never_negative(known.low):
            return known
        around = known.whole and never_negative(below) and never_negative(known.high)
        return Span("0", f"Max({below}, {known.high})", True) if around else None

    def _same(self, op: Op) -> Span | None:
        return self.operand(op, 0)

    def _of_all(self, op: Op) -> Span | None:
        """Of a list of tensors."""
        found = [self.operand(op, place) for place in range(len(op.inputs))]
        return None if None in found or not found else _all_of([each for each in found if each is not None])


def _all_of(spans: Sequence[Span]) -> Span:
    """Between which numbers those of several tensors are."""
    if len(spans) == 1:
        return spans[0]
    lows, highs = (dict.fromkeys(getattr(each, end) for each in spans) for end in ("low", "high"))
    return Span(f"Min({', '.join(lows)})", f"Max({', '.join(highs)})")


_SPANS: dict[str, Callable[[Spans, Op], Span | None]] = {
    **dict.fromkeys(_AS_THEY_ARE, Spans._same),
    ops.COMBINE: Spans._of_all,
    "arange": Spans._range,
    "slice": Spans._slice,
    "assign_value": Spans._written,
    **dict.fromkeys(("full_like", "full_with_tensor"), Spans._alike),
    "cumsum": Spans._cumulated,
    "add": Spans._sum,
    "subtract": Spans._less,
    "scale": Spans._scaled,
    "multiply": Spans._times,
    "elementwise_pow": Spans._powered,
    "floor_divide": Spans._divided,
    "remainder": Spans._remainder,
    **dict.fromkeys(("minimum", "maximum"), Spans._bounded),
    "clip": Spans._clipped,
    "abs": Spans._without_sign,
}
_BEHIND = {
    **dict.fromkeys(_SPANS, 1),
    **dict.fromkeys(("add", "subtract", "multiply", "elementwise_pow", "floor_divide", "remainder"), 2),
    **dict.fromkeys(("minimum", "maximum"), 2),
    **dict.fromkeys(("arange", "full_like", "full_with_tensor", "assign_value"), 0),
    ops.COMBINE: _MOST_JOINED,
}
"""How many of an op's first operands its numbers follow from."""


def looked_up(operands: Operands, spans: Spans, op: Op) -> Iterator[tuple[Literal["rows", "at_least"], str, str]]:
    """What an op that looks rows up in a table, or puts something there, asks of the axes of the table, where the numbers are known.

    A number below zero counts from the end, or is not taken.

    Args:
        operands: Of the conversion.
        spans: Of the same conversion.
        op: The op.
    """
    name = ops.bare(op.name)
    dims = operands.dims(operands.operand(op, 1 if name == "embedding" else 0))
    for axis, number in _axes_of(operands, op):
        found = spans.of(number)
        if found is None or axis >= len(dims):
            continue
        if symbolic.symbols(found.high) | symbolic.symbols(dims[axis]):
            yield "rows", dims[axis], symbolic.combine("+", (found.high, "1"))
        if not never_negative(found.low):
            begins = name in free_ops.FROM_THE_BEGINNING
            left, right = (found.low, "0") if begins else (dims[axis], symbolic.combine("neg", (found.low,)))
            yield "at_least", left, right


def unknown_places(operands: Operands, spans: Spans, op: Op) -> frozenset[str]:
    """The symbols of an op that looks up numbers which follow from sizes alone, where it is not known how large they are.

    Args:
        operands: Of the conversion.
        spans: Of the same conversion.
        op: The op.
    """
    values = [number for _, number in _axes_of(operands, op) if spans.of(number) is None]
    if ops.bare(op.name) in _BY_COLUMNS and not _axes_of(operands, op):
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
    if name in free_ops.LABELLED:
        rank = len(operands.dims(operands.operand(op, 0)))
        axis = 1 if name == "nll_loss" else int(op.attrs.get("axis", -1))
        return [(axis % rank, index)] if rank and not op.attrs.get("soft_label") else []
    if name == "index_put":
        members = operands.op_of(index).inputs
        return (
            [] if any(operands.conversion.values[each].dtype == "bool" for each in members) else [*enumerate(members)]
        )
    if name in _BY_COLUMNS:
        return list(enumerate(_columns(operands, index)))
    given = (operands.data(operands.operand(op, 2)) if name == "gather" else ()) or [str(op.attrs.get("axis", 0))]
    rank = len(operands.dims(operands.operand(op, 0)))
    return [(int(given[0]) % rank, index)] if rank else []


_BY_COLUMNS = frozenset({"gather_nd", "scatter_nd_add"})
"""Ops whose numbers have a column for each of the table's first axes."""


def _columns(operands: Operands, index: int) -> Sequence[int]:
    """The values that the columns of a tensor of places are made of."""
    made, shape = operands.op_of(index), operands.conversion.values[index].shape
    if shape and shape[-1] == 1:
        return [index]
    if ops.bare(made.name) == "stack" and made.attrs.get("axis") in (-1, len(shape) - 1):
        return operands.op_of(made.inputs[0]).inputs
    return []
