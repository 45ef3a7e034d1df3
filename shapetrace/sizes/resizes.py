"""The dims of resized tensors: Paddle's symbolic pass makes a new symbol of what is an axis times a factor."""

from __future__ import annotations

from fractions import Fraction

from shapetrace import symbolic
from shapetrace.facts import free_ops, ops
from shapetrace.trace import Conversion, Op

_FINEST = 1 << 12
"""Of a factor that is a fraction: with a larger denominator a float rounds, and the axis stays a symbol of its own."""


def resolved(conversion: Conversion) -> list[str]:
    """`Conversion.expressions`, with the symbols of resized axes put in."""
    known: dict[str, str] = {}
    for op in conversion.ops:
        if ops.bare(op.name) in free_ops.RESIZES:
            for symbol, axis in _factors(conversion, op):
                known[symbol] = symbolic.substitute(axis, known)
    if not known:
        return list(conversion.expressions)
    return [
        symbolic.substitute(expression, known) if symbolic.symbols(expression) & known.keys() else expression
        for expression in conversion.expressions
    ]


def _factors(conversion: Conversion, op: Op) -> list[tuple[str, str]]:
    """The symbols of an op's resized axes, and what each is: the axis times its factor, rounded down."""
    factors = op.attrs.get("scale") or []
    before, after = (conversion.values[values[0]].dims for values in (op.inputs, op.outputs))
    if not factors or not before or not after or any(index >= 0 for index in op.inputs[1:]):
        return []
    last = str(op.attrs.get("data_format", "")).endswith("C")
    axes = range(1, len(before) - 1) if last else range(2, len(before))
    keys = {symbol.key for symbol in conversion.symbols if symbol.input is None}
    found = []
    for axis, factor in zip(axes, factors, strict=False):
        symbol, source = conversion.expressions[after[axis]], conversion.expressions[before[axis]]
        if symbol in keys and factor > 0 and Fraction(factor).denominator <= _FINEST:
            found.append((symbol, _times(source, float(factor))))
    return found


def _times(dim: str, factor: float) -> str:
    return f"Mul({dim}, {int(factor)})" if factor.is_integer() else f"Int(Mul({dim}, {factor!r}))"
