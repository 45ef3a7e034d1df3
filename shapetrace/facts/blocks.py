"""Which values an op may use: what is made in the block of an `if` or `while` is gone after it.

A block hands on what it yields, and nothing else. Where rewritten code keeps another tensor of the block, in a list of Python's or in a
variable that was None before, later ops take a tensor that no run has. Paddle builds such a program (3.0 to 3.3), and does not save it:
pruning meets inputs without a part in the results, or the process ends where the block is freed (`paddle/pir/src/core/op_result_impl.cc`).
In a program of 2.6 names are variables of a block, so there are none of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.facts import ops
from shapetrace.trace import Conversion


class Outside(NamedTuple):
    """A value that is used outside of the block that it is made in."""

    value: int
    """Index into the conversion's `values`."""
    block: int
    """Index into its `ops`: the outermost `if` or `while` that is left."""
    user: int
    """Index into its `ops` of the op that takes it; -1 where it is a result of the program."""


def used_outside(conversion: Conversion) -> Iterator[Outside]:
    """The values that are used outside of their block, in the order of use."""
    if all(op.parent < 0 for op in conversion.ops):  # there are no blocks
        return
    for place, op in enumerate(conversion.ops):
        if op.inputs:
            yield from _outside(conversion, op.inputs, _around(conversion, op.parent), place)
    yield from _outside(conversion, conversion.outputs, (), -1)


def _outside(conversion: Conversion, values: tuple[int, ...], around: tuple[int, ...], user: int) -> Iterator[Outside]:
    for value in values:
        block = _block(conversion, value)
        if block >= 0 and block not in around:
            left = [op for op in _around(conversion, block) if op not in around]
            yield Outside(value, left[-1], user)


def _block(conversion: Conversion, value: int) -> int:
    """The op whose block a value is made in, or is an argument of; -1 for the top of the program."""
    maker = conversion.values[value].op if value >= 0 else -1
    if maker < 0:
        return -1
    op = conversion.ops[maker]
    is_argument = op.name in (ops.IF, ops.WHILE) and value not in op.outputs
    return maker if is_argument else op.parent


def _around(conversion: Conversion, block: int) -> tuple[int, ...]:
    """An op and the ops whose blocks it stands in, innermost first."""
    enclosing = []
    while block >= 0:
        enclosing.append(block)
        block = conversion.ops[block].parent
    return tuple(enclosing)
