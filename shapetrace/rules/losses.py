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
    by_result = _by_result(conversion)
    if not by_result:
        return
    gone: dict[int, frozenset[str]] = {}
    for op in conversion.ops:
        before = frozenset[str]().union(*(gone.get(value, frozenset()) for value in op.inputs))
        for value in op.outputs:
            lost = by_result.get(value, [])
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


def _by_result(conversion: Conversion) -> dict[int, list[Loss]]:
    """The values whose shapes hold a number where the symbolic shape has a dim of input axes, and which."""
    axes = {symbol.key for symbol in conversion.symbols if symbol.input is not None}
    named = [axes >= keys > set() for keys in map(symbolic.symbols, conversion.expressions)]
    lost: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[int, str, int]]] = {}
    found: dict[int, list[Loss]] = {}
    for value, stored in enumerate(conversion.values):
        shape = stored.shape, stored.dims or ()
        if shape not in lost:  # few shapes are met for the first time
            lost[shape] = [
                (axis, conversion.expressions[dim], size)
                for axis, (size, dim) in enumerate(zip(*shape, strict=False))
                if size >= 0 and named[dim] and _differs(conversion.expressions[dim], size)
            ]
        if lost[shape]:
            found[value] = [Loss(stored.op, value, *axis) for axis in lost[shape]]
    return found


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
