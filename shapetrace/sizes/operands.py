"""What the operands of ops are: their dims, and the numbers that they hold."""

from __future__ import annotations

from collections.abc import Sequence

from shapetrace.trace import Conversion, Op, Value


class Operands:
    """Knows the operands of the ops of one conversion.

    Args:
        conversion: The conversion.
        expressions: Its expressions, with what is known of data-dependent symbols put in.
    """

    def __init__(self, conversion: Conversion, expressions: Sequence[str]) -> None:
        self.conversion = conversion
        self._expressions = expressions

    def operands(self, op: Op) -> list[Value | None]:
        """The operands of an op; None for one that is absent."""
        return [self.conversion.values[index] if index >= 0 else None for index in op.inputs]

    def operand(self, op: Op, place: int) -> Value | None:
        """One operand of an op; None where it is absent."""
        return next(iter(self.operands(op)[place : place + 1]), None)

    def listed(self, op: Op, place: int) -> list[Value | None]:
        """The members of the list that is an operand of an op."""
        value = self.operand(op, place)
        return self.operands(self.conversion.ops[value.op]) if value is not None else []

    def dims(self, value: Value | None) -> list[str]:
        """The dims of a value; none where they are not known."""
        if value is None or value.dims is None:
            return []
        return [self._expressions[dim] for dim in value.dims]

    def shapes(self, op: Op, *places: int) -> list[list[str]]:
        """The dims of some operands of an op."""
        return [self.dims(self.operand(op, place)) for place in places]

    def data(self, value: Value | None) -> list[str]:
        """The numbers that a value holds; none where they are not known."""
        return [self._expressions[dim] for dim in value.data or ()] if value is not None else []

    def op_of(self, index: int) -> Op:
        """The op that makes a value."""
        return self.conversion.ops[self.conversion.values[index].op]

    def place_of(self, op: Op) -> int:
        """The index of an op that has a result."""
        return self.conversion.values[op.outputs[0]].op

    def data_at(self, index: int) -> list[str]:
        """The numbers that a value holds, by its index; none where they are not known."""
        return self.data(self.conversion.values[index])

    def result(self, op: Op) -> list[str]:
        """The dims of an op's first result."""
        return self.dims(self.conversion.values[op.outputs[0]]) if op.outputs else []
