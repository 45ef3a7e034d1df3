"""The dims of tensors that are made larger or smaller: Paddle's symbolic pass makes new symbols of what follows from an axis and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from shapetrace import symbolic
from shapetrace.facts import free_ops, ops
from shapetrace.symbolic import form
from shapetrace.trace import Conversion, Op

_FINEST = 1 << 12
"""Of a factor that is a fraction: with a larger denominator a float rounds, and the axis stays a symbol of its own."""


def resolved(conversion: Conversion) -> list[str]:
    """`Conversion.expressions`, with the symbols of resized axes put in."""
    keys = {symbol.key for symbol in conversion.symbols if symbol.input is None}
    known: dict[str, str] = {}
    for op in conversion.ops:
        for symbol, axis in _axes(conversion, op):
            if symbol in keys:
                known[symbol] = symbolic.substitute(axis, known)
    if not known:
        return list(conversion.expressions)
    return [
        symbolic.substitute(expression, known) if symbolic.symbols(expression) & known.keys() else expression
        for expression in conversion.expressions
    ]


def _axes(conversion: Conversion, op: Op) -> Iterator[tuple[str, str]]:
    """The resized axes of an op's result, each as Paddle tells it and as it follows from the operand."""
    name = ops.bare(op.name)
    if name in free_ops.RESIZES:
        return _by_factors(conversion, op)
    return _by_strides(conversion, op) if name in free_ops.TRANSPOSED else iter(())


def _by_factors(conversion: Conversion, op: Op) -> Iterator[tuple[str, str]]:
    """The axis times its factor, rounded down."""
    factors = op.attrs.get("scale") or []
    before, after = (_dims(conversion, values[0]) for values in (op.inputs, op.outputs))
    if any(index >= 0 for index in op.inputs[1:]):
        return
    for axis, factor in zip(_resized(op, len(before)), factors, strict=False):
        if factor > 0 and Fraction(factor).denominator <= _FINEST and axis < len(after):
            yield after[axis], _times(before[axis], float(factor))


def _by_strides(conversion: Conversion, op: Op) -> Iterator[tuple[str, str]]:
    """Where each place of the operand puts the width of a filter, a stride apart."""
    before, filters, after = (_dims(conversion, index) for index in (*op.inputs[:2], op.outputs[0]))
    more = op.attrs.get("output_padding") or [0] * len(op.attrs["strides"])
    if op.attrs.get("padding_algorithm") != "EXPLICIT" or _size_given(conversion, op) or not filters:
        return
    listed = zip(op.attrs["strides"], _paddings(op), op.attrs["dilations"], more, filters[2:], strict=False)
    for axis, (stride, padding, dilation, added, width) in zip(_resized(op, len(before)), listed, strict=False):
        if width.isdigit() and axis < len(after):
            rest = dilation * (int(width) - 1) + 1 - padding - stride
            yield _less(after[axis], added), f"Add(Mul({before[axis]}, {stride}), {rest})"


def _less(dim: str, added: int) -> str:
    """The symbol that is padded, in a dim that Paddle tells as that symbol and the padding."""
    node = form.parse(dim)
    return str(node[1]) if isinstance(node, tuple) and node == ("Add", node[1], added) else dim


def _size_given(conversion: Conversion, op: Op) -> bool:
    """Whether the size of the result is an operand."""
    return len(op.inputs) > 2 and op.inputs[2] >= 0 and _dims(conversion, op.inputs[2]) != ["0"]


def _paddings(op: Op) -> list[int]:
    """What is taken off each axis, at both ends together."""
    given, count = op.attrs["paddings"], len(op.attrs["strides"])
    if len(given) == 2 * count:
        return [given[place] + given[place + 1] for place in range(0, 2 * count, 2)]
    return [2 * each for each in given]


def _resized(op: Op, rank: int) -> range:
    """The axes that are resized."""
    last = str(op.attrs.get("data_format", "")).endswith("C")
    return range(1, rank - 1) if last else range(2, rank)


def _dims(conversion: Conversion, index: int) -> list[str]:
    dims = conversion.values[index].dims if index >= 0 else None
    return [conversion.expressions[dim] for dim in dims or ()]


def _times(dim: str, factor: float) -> str:
    return f"Mul({dim}, {int(factor)})" if factor.is_integer() else f"Int(Mul({dim}, {factor!r}))"
