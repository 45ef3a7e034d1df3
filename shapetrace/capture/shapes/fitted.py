"""Symbolic shapes of a program, made of the shapes it had at several sizes (`tables.py`).

A dim is told by its column in the table: what it was in each row. Most columns have been seen before, since most ops
pass dims on. A new one is first fitted to the dims of the op's operands, which is where its numbers are small (a stride,
a sum), and then to the inputs' axes. What fits neither becomes a symbol of its own, and the record says how many did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shapetrace import symbolic
from shapetrace.capture.recorded import Expressions
from shapetrace.capture.shapes.tables import Table
from shapetrace.facts import ops
from shapetrace.symbolic import fitting
from shapetrace.trace import Conversion, Op, Symbol

_MOST_OPERANDS = 8  # different dims of an op's operands that are looked at
_Column = tuple[int, ...]


def write(conversion: Conversion, table: Table, slots: Mapping[int, str]) -> None:
    """Enter symbolic shapes, and the dims that tensors hold, into a recorded conversion.

    Args:
        conversion: What was recorded.
        table: Of the same program.
        slots: Index of a value to the slot that the table has for it.
    """
    conversion.fitted = True
    writer = _Writer(conversion, table, slots)
    for index, op in enumerate(conversion.ops):
        writer.op(index, op)
    for argument in writer.arguments:
        writer.value(argument, conversion.values[argument].op, {})
    said = []
    if writer.opaque:
        said.append(f"{writer.opaque} dims could not be expressed by others, and stand for themselves")
    if table.failed:
        said.append("some ops could not be inferred at the sizes tried, and their dims stand for themselves")
    conversion.symbolic_error = "; ".join(said)


class _Writer:
    def __init__(self, conversion: Conversion, table: Table, slots: Mapping[int, str]) -> None:
        self.conversion = conversion
        self.table = table
        self.slots = slots
        self.opaque = 0
        results = {value for op in conversion.ops for value in op.outputs}
        self.arguments = [value for value in range(len(conversion.values)) if value not in results]
        self.expression = Expressions(conversion).of
        self.columns = [tuple(row.sizes[symbol] for row in table.rows) for symbol in range(len(table.rows[0].sizes))]
        keys = [f"S{number}" for number in range(len(self.columns))]
        self.samples = [dict(zip(keys, row.sizes, strict=True)) for row in table.rows]
        self.known: dict[_Column, str] = {}
        for column, key in zip(self.columns, keys, strict=True):
            self.known.setdefault(column, key)
        self.axes = dict(zip(table.axes, keys, strict=False))
        for (name, axis), key in self.axes.items():
            conversion.symbols.append(Symbol(key=key, name=f"{name}[{axis}]", input=name, axis=axis))
        self.born = set(keys[len(table.axes) :])
        self.named: set[str] = set()

    def op(self, index: int, op: Op) -> None:
        operands: dict[_Column, str] = {}
        for value in op.inputs:
            if value >= 0:
                recorded = self.conversion.values[value]
                self.tell(operands, self.dims(value), recorded.dims)
                self.tell(operands, self.held(value), recorded.data)
        for value in op.outputs:
            self.value(value, index, operands)

    def tell(self, operands: dict[_Column, str], columns: list[_Column], dims: Sequence[int] | None) -> None:
        """Add the columns of an operand with their expressions, of which the first one counts."""
        texts = [self.conversion.expressions[dim] for dim in dims or ()]
        for place, column in enumerate(columns):
            operands.setdefault(column, texts[place] if len(texts) == len(columns) else self.known.get(column, ""))

    def value(self, index: int, op: int, operands: Mapping[_Column, str]) -> None:
        value = self.conversion.values[index]
        if self.conversion.ops[op].name == ops.DATA and index in self.conversion.ops[op].outputs:
            texts = [self.axes.get((value.name, axis), str(size)) for axis, size in enumerate(value.shape)]
            value.dims = tuple(map(self.expression, texts))
            return
        dims = self.dims(index)
        if len(dims) == len(value.shape):
            value.dims = tuple(self.expression(self.told(column, op, operands)) for column in dims)
        held = self.held(index)
        if held:
            value.data = tuple(self.expression(self.told(column, op, operands)) for column in held)

    def dims(self, value: int) -> list[_Column]:
        """The columns of a value's dims; none where they are not known."""
        shapes = [row.shapes.get(self.slots.get(value, "")) for row in self.table.rows]
        recorded = self.conversion.values[value]
        if self.conversion.ops[recorded.op].name == ops.DATA:
            keys = [self.axes.get((recorded.name, axis)) for axis in range(len(recorded.shape))]
            return [
                (size,) * len(self.samples) if key is None else tuple(row[key] for row in self.samples)
                for key, size in zip(keys, recorded.shape, strict=True)
            ]
        if shapes and shapes[0] is None and all(size >= 0 for size in recorded.shape):
            return [(size,) * len(self.samples) for size in recorded.shape]
        return _columns(shapes)

    def held(self, value: int) -> list[_Column]:
        """The columns of the numbers a value holds."""
        return _columns([row.held.get(self.slots.get(value, "")) for row in self.table.rows])

    def told(self, column: _Column, op: int, operands: Mapping[_Column, str]) -> str:
        """The expression of a dim of one of the op's results: an operand's, where two inputs had the same sizes."""
        if len(set(column)) == 1:
            return str(column[0])
        if expression := operands.get(column):
            return expression
        if column not in self.known:
            form = self.fitted(column, operands)
            if form is None:
                form = f"S{len(self.columns) + self.opaque}"
                self.born.add(form)
                self.opaque += 1
            self.known[column] = form
        expression = self.known[column]
        for key in sorted(symbolic.symbols(expression) & self.born - self.named):
            self.named.add(key)
            self.conversion.symbols.append(Symbol(key=key, name=f"u{len(self.named) - 1}", op=op))
        return expression

    def fitted(self, column: _Column, operands: Mapping[_Column, str]) -> str | None:
        near = [operand for operand in operands if operand in self.known][:_MOST_OPERANDS]
        keys = {f"d{place}": operand for place, operand in enumerate(near)}
        rows = [{key: operand[row] for key, operand in keys.items()} for row in range(len(column))]
        form = fitting.fit(rows, column) if keys and min(map(min, near)) > 0 else None
        if form is not None:
            return symbolic.substitute(form, {key: operands[operand] for key, operand in keys.items()})
        return fitting.fit([{key: row[key] for key in list(row)[:_MOST_OPERANDS]} for row in self.samples], column)


def _columns(rows: Sequence[Sequence[int] | None]) -> list[_Column]:
    """Rows to columns; none where a row is missing, or the number of dims is not the same in all."""
    full = [row for row in rows if row is not None]
    if len(full) != len(rows) or len({len(row) for row in full}) != 1:
        return []
    return list(zip(*full, strict=True))
