"""Where Paddle's own inference loses an unknown dim: its shape holds a number, and the symbolic shape still has the dim.

`matmul` of the batches -1 and 1 is one: Paddle computes max(-1, 1) (`paddle/phi/infermeta/binary.cc`). Whoever reads the
shape from there on gets the number, in rewritten code too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.rules import draws
from shapetrace.trace import Conversion, Op


class Loss(NamedTuple):
    """A dim that an op's result has lost."""

    op: int
    """Index of the op."""
    value: int
    """Index of the result."""
    axis: int
    expression: str
    """What the axis really is, in the form of `Conversion.expressions`."""
    number: int
    """What Paddle says that it is."""


def losses(conversion: Conversion) -> Iterator[Loss]:
    """The dims that are lost, each at the op that loses it first. Only those of input axes: no pass knows the others."""
    axes = {symbol.key for symbol in conversion.symbols if symbol.input is not None}
    gone: dict[int, frozenset[str]] = {}
    for place, op in enumerate(conversion.ops):
        before = frozenset[str]().union(*(gone.get(value, frozenset()) for value in op.inputs))
        for value in op.outputs:
            lost = [loss for loss in _lost(conversion, place, value) if symbolic.symbols(loss.expression) <= axes]
            keys = frozenset[str]().union(*(symbolic.symbols(loss.expression) for loss in lost))
            gone[value] = keys | (before if _passes_on(conversion, op, value) else frozenset())
            yield from (loss for loss in lost if not symbolic.symbols(loss.expression) & before)


def first_of_each(conversion: Conversion) -> dict[str, int]:
    """The op at which each symbol is lost first; those that never are, are absent."""
    firsts: dict[str, int] = {}
    for loss in losses(conversion):
        for key in symbolic.symbols(loss.expression):
            firsts.setdefault(key, loss.op)
    return firsts


def _lost(conversion: Conversion, op: int, value: int) -> Iterator[Loss]:
    stored = conversion.values[value]
    for axis, (size, dim) in enumerate(zip(stored.shape, stored.dims or (), strict=False)):
        expression = conversion.expressions[dim]
        if size >= 0 and not expression.lstrip("-").isdigit() and _differs(expression, size):
            yield Loss(op, value, axis, expression, size)


def _differs(expression: str, size: int) -> bool:
    """Whether an expression has another value than a number, at sizes at which it has one."""
    keys = sorted(symbolic.symbols(expression))
    for sizes in draws.draws([[key] for key in keys], draws.SIZES):
        try:
            if symbolic.evaluate(expression, sizes) != size:
                return True
        except (ValueError, ArithmeticError):  # the operands do not go together at these sizes
            continue
    return False


def _passes_on(conversion: Conversion, op: Op, value: int) -> bool:
    """Whether a result is a list of tensors, which has no shape to have lost anything of."""
    return op.name.startswith("builtin.") or conversion.values[value].dims is None
