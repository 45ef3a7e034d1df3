"""Which dims of an op's operands explain a dim of its result.

For a few ops the axes are exact (`facts/axes.py`: `matmul`, lookups; `transpose`, shapes). For the rest the symbolic expressions tell: a dim comes from where its expression, or its symbols, stood before.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from shapetrace import symbolic
from shapetrace.facts import axes, ops
from shapetrace.trace import Conversion, Op

Origin = Literal["", "input", "constant", "parameter", "data", "unknown"]
"""Where the way of a dim ends; see `WhyStep.origin`."""


class Slot(NamedTuple):
    """A dim of a value: one of its axes, or, `held`, one of the numbers in it."""

    value: int
    axis: int
    held: bool = False


Sources = tuple[tuple[Slot, ...], Origin, str]
"""The slots a dim comes from; where the way ends, if it does; and the expression that stood there before a turn."""


class Lookup:
    """Answers for the dims of one conversion."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion

    @cached_property
    def nested(self) -> dict[int, list[int]]:
        """Op to the `cf.yield` ops that end its blocks, in order of the blocks."""
        yields: dict[int, list[int]] = {}
        for index, op in enumerate(self.conversion.ops):
            if op.name == ops.YIELD and op.parent >= 0:
                yields.setdefault(op.parent, []).append(index)
        return yields

    @cached_property
    def arguments(self) -> dict[int, tuple[int, int]]:
        """Value that is an argument of a block, to the op that has the block and the argument's position."""
        positions: dict[int, tuple[int, int]] = {}
        counts: dict[int, int] = {}
        for index, value in enumerate(self.conversion.values):
            if value.op in self.nested and index not in self.conversion.ops[value.op].outputs:
                position = counts[value.op] = counts.get(value.op, -1) + 1
                positions[index] = value.op, position
        return positions

    def op(self, value: int) -> Op:
        """The op that made a value; for an argument of a block, the op that has the block."""
        return self.conversion.ops[self.conversion.values[value].op]

    def op_of(self, slot: Slot) -> str:
        """Name of the op that made a slot's value, looking through those that only pass lists on."""
        op = self.op(slot.value)
        while op.name == ops.SPLIT and op.inputs and op.inputs[0] >= 0:
            op = self.op(op.inputs[0])
        return op.name

    def expression(self, slot: Slot) -> str:
        """The dim in Paddle's form; where there is no symbolic shape, the number that Paddle has."""
        value = self.conversion.values[slot.value]
        dims = value.data if slot.held else value.dims
        if dims is not None and slot.axis < len(dims):
            return self.conversion.expressions[dims[slot.axis]]
        return str(value.shape[slot.axis]) if not slot.held and slot.axis < len(value.shape) else "-1"

    def axes(self, value: int) -> list[Slot]:
        """One slot for each axis of a value."""
        tensor = self.conversion.values[value]
        return [Slot(value, axis) for axis in range(len(tensor.shape if tensor.dims is None else tensor.dims))]

    def held(self, value: int) -> list[Slot]:
        """One slot for each dim that a value holds."""
        data = self.conversion.values[value].data
        return [Slot(value, element, True) for element in range(len(data or ()))]

    def operands(self, op: Op) -> Iterator[int]:
        """The tensors an op works on; the members of a list in the list's place."""
        pending = list(reversed(op.inputs))
        while pending:
            value = pending.pop()
            if value < 0:
                continue
            maker = self.op(value)
            if maker.name in ops.LISTS or self.conversion.values[value].dtype.startswith("vec["):
                pending += reversed(maker.inputs)
            else:
                yield value

    def sources(self, slot: Slot) -> Sources:
        """Where a dim comes from."""
        op = self.op(slot.value)
        if slot.value in self.arguments:
            return self._into_block(slot)
        if op.name in ops.INPUTS:
            return (), "input", ""
        if op.name in ops.PARAMETERS:
            return (), "parameter", ""
        if self.conversion.values[slot.value].op in self.nested:
            return self._out_of_blocks(slot, op)
        operands = list(self.operands(op))
        if not operands:
            return (), "constant" if _number(self.expression(slot)) is not None else "data", ""
        if op.name == "pd_op.where":
            operands = [*operands[1:], operands[0]]  # the condition explains least
        exact = self._exact(slot, op, operands)
        if exact is not None:
            return (exact,), "", ""
        return self._held(slot, operands) if slot.held else self._axis(slot, operands)

    # Blocks of `if` and `while`

    def _into_block(self, slot: Slot) -> Sources:
        parent, position = self.arguments[slot.value]
        inputs = self.conversion.ops[parent].inputs
        source = inputs[position + 1] if position + 1 < len(inputs) else -1  # the first is the condition
        return ((Slot(source, slot.axis, slot.held),), "", "") if source >= 0 else ((), "unknown", "")

    def _out_of_blocks(self, slot: Slot, op: Op) -> Sources:
        shift = 1 if op.name == ops.WHILE else 0  # its yield hands on the condition first
        position = op.outputs.index(slot.value) + shift
        sources = []
        for index in self.nested[self.conversion.values[slot.value].op]:
            yielded = self.conversion.ops[index].inputs
            if position < len(yielded) and yielded[position] >= 0:
                sources.append(Slot(yielded[position], slot.axis, slot.held))
        return tuple(dict.fromkeys(sources)), "" if sources else "unknown", ""

    # One op

    def _exact(self, slot: Slot, op: Op, operands: list[int]) -> Slot | None:
        """The source where the op's meaning settles it."""
        first = operands[0]
        if slot.held:
            if op.name in ops.SHAPES:
                return Slot(first, slot.axis)
            if op.name == "pd_op.stack" and len(operands) > slot.axis:
                inner = self.held(operands[slot.axis])
                return inner[0] if len(inner) == 1 else None
            if op.name == "pd_op.slice" and len(operands) > 1:
                start = [_number(self.expression(item)) for item in self.held(operands[1])]
                inner = self.held(first)
                if len(start) == 1 and start[0] is not None and -len(inner) <= start[0] < len(inner):
                    place = start[0] % len(inner) + slot.axis
                    return inner[place] if place < len(inner) else None
            return None
        order = op.attrs.get("perm")
        if op.name == "pd_op.transpose" and isinstance(order, list) and slot.axis < len(order):
            before = self.axes(first)
            valid = order[slot.axis] in range(-len(before), len(before))
            return before[int(order[slot.axis])] if valid else None
        if op.name == "pd_op.matmul" and len(operands) == 2 and len(self.axes(slot.value)) >= 2:
            return self._matmul(slot, op, operands)
        if op.name in axes.LOOKUPS and len(operands) == 2:
            return self._indexed(slot, op, operands)
        return None

    def _indexed(self, slot: Slot, op: Op, operands: list[int]) -> Slot | None:
        """What is looked up by an index has the index's axes first, and then what is left of the table's."""
        places = axes.LOOKUPS[op.name]
        index, table = (self.axes(operands[place]) for place in places)
        lead, skipped = len(index), 1
        if op.name == "pd_op.gather_nd":
            depth = _number(self.expression(index[-1])) if index else None
            if depth is None:
                return None
            lead, skipped = len(index) - 1, depth
        if slot.axis < lead:
            return index[slot.axis]
        place = slot.axis - lead + skipped
        return table[place] if place < len(table) else None

    def _matmul(self, slot: Slot, op: Op, operands: list[int]) -> Slot | None:
        """Rows come from the first operand and columns from the second."""
        from_end = len(self.axes(slot.value)) - slot.axis
        left, right = (self.axes(operand) for operand in operands)
        turned = bool(op.attrs.get("transpose_x")), bool(op.attrs.get("transpose_y"))
        multiplied = axes.matmul(len(left), len(right), *turned)
        if from_end == 1 and multiplied.columns is not None:
            return right[multiplied.columns]
        if from_end == 2 and multiplied.rows is not None:
            return left[multiplied.rows]
        return None

    def _axis(self, slot: Slot, operands: list[int]) -> Sources:
        wanted = self.expression(slot)
        passed_on = self._passed_on(slot, operands)
        if passed_on is not None and _number(wanted) is None:
            return (passed_on,), "", ""
        rank = len(self.axes(slot.value))
        inputs = [item for operand in operands for item in self.axes(operand)]
        shapes = [item for operand in operands for item in self.held(operand)]

        def aligned(item: Slot) -> tuple[bool, bool]:
            from_end = len(self.axes(item.value)) - item.axis
            return item.axis != slot.axis, from_end != rank - slot.axis

        inputs.sort(key=lambda item: (*aligned(item), operands.index(item.value)))
        before = self._before(slot, wanted, inputs)
        number = _number(wanted)
        if number is None or not before:
            equal = next((item for item in inputs if self.expression(item) == wanted), None)
            if equal is not None and (number is None or not shapes or not any(aligned(equal))):
                return (equal,), "", ""
        requested = next((item for item in shapes if item.axis == slot.axis and self.expression(item) == wanted), None)
        if number is None:
            covering = self._covering(wanted, inputs) or self._covering(wanted, shapes)
            if requested is not None:  # what the user computed says more than the tensor it ends up on
                return (requested,), "", before
            if covering:
                return covering, "", before
        if requested is None:
            requested = next((item for item in (*shapes, *inputs) if self.expression(item) == wanted), None)
        if requested is not None:
            return (requested,), "", before
        if number is not None:
            return (), "constant", before
        return self._born(slot, wanted, inputs, before)

    def _passed_on(self, slot: Slot, operands: list[int]) -> Slot | None:
        """The first operand of the same rank that has the same dim at the same axis: what most dims come from."""
        values = self.conversion.values
        dims = values[slot.value].dims
        if dims is None or slot.axis >= len(dims):
            return None
        for operand in operands:
            others = values[operand].dims
            if others is not None and len(others) == len(dims) and others[slot.axis] == dims[slot.axis]:
                return Slot(operand, slot.axis)
        return None

    def _before(self, slot: Slot, wanted: str, inputs: list[Slot]) -> str:
        """The dim at the same axis of the first tensor, if either it or `wanted` is a number and the other is not."""
        first = next((item for item in inputs if item.axis == slot.axis), None)
        if self.op(slot.value).name in ops.MAKERS:
            return ""
        if first is None or len(self.axes(first.value)) != len(self.axes(slot.value)):
            return ""
        if any(self.expression(item) == wanted for item in inputs if item.axis == slot.axis):
            return ""
        was = self.expression(first)
        return was if (_number(was) is None) != (_number(wanted) is None) else ""

    def _covering(self, wanted: str, candidates: list[Slot]) -> tuple[Slot, ...]:
        """The fewest candidates, the best ones first, that hold the symbols of `wanted`."""
        missing = set(symbolic.symbols(wanted))
        whole = frozenset(missing)
        ranked = sorted(candidates, key=lambda item: not symbolic.symbols(self.expression(item)) <= whole)
        chosen = []
        for item in ranked:
            covered = symbolic.symbols(self.expression(item)) & missing
            if covered:
                chosen.append(item)
                missing -= covered
        return tuple(sorted(chosen, key=lambda item: (item.value, item.axis)))

    def _held(self, slot: Slot, operands: list[int]) -> Sources:
        wanted = self.expression(slot)
        items = [item for operand in operands for item in self.held(operand)]
        items.sort(key=lambda item: (item.axis != slot.axis, operands.index(item.value)))
        equal = next((item for item in items if self.expression(item) == wanted), None)
        if equal is not None:
            return (equal,), "", ""
        covering = self._covering(wanted, items)
        if covering:
            return covering, "", ""
        if _number(wanted) is not None:
            return (), "constant", ""
        return self._born(slot, wanted, items, "")

    def _born(self, slot: Slot, wanted: str, inputs: list[Slot], before: str) -> Sources:
        """A dim that none of the operands explains."""
        born = {symbol.key for symbol in self.conversion.symbols if symbol.op is not None}
        if symbolic.symbols(wanted) & born:
            return (), "data", before
        same = next((item for item in inputs if item.axis == slot.axis and item.held == slot.held), None)
        if same is not None and _number(self.expression(same)) is None:
            return (
                (same,),
                "",
                before,
            )  # no symbolic shapes at all, or a symbol that Paddle later found equal to another
        return (), "unknown", before


def _number(expression: str) -> int | None:
    """The size an expression is, if it is one; what is negative is unknown."""
    return int(expression) if expression.isdigit() else None
