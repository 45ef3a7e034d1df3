"""Which dims of its operands an op forces to be equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.facts import axes, ops
from shapetrace.trace import Conversion, Op, Value


class Pair(NamedTuple):
    """Two dims that must be equal, in the form of `Conversion.expressions`."""

    left: str
    right: str
    broadcasts: bool
    """Whether a dim of 1 goes with any other."""


def pairs(conversion: Conversion, op: Op) -> Iterator[Pair]:
    """The dims that `op` forces to be equal, those that are the same expression left out."""
    name = ops.bare(op.name)
    values = [conversion.values[index] for index in op.inputs if index >= 0]
    forced: Iterator[Pair] = iter(())
    if name in ops.ELEMENTWISE and len(values) >= 2:
        forced = _elementwise(conversion, op, values)
    elif name in ops.PRODUCTS and len(values) >= 2:
        forced = _product(conversion, op, *values[-2:])
    elif name in axes.JOINING:
        forced = _joined(conversion, op, values)
    elif name in axes.REGIONS and len(values) == 3:
        forced = _regions(conversion, *values)
    return (pair for pair in forced if pair.left != pair.right)


def broadcasts(op: Op) -> bool:
    """Whether an op works on elements, so that an axis of 1 goes with any other."""
    return ops.bare(op.name) in ops.ELEMENTWISE - ops.OF_ONE_SHAPE


def _elementwise(conversion: Conversion, op: Op, values: list[Value]) -> Iterator[Pair]:
    first, *others = values[-2:] if broadcasts(op) else values
    for other in others:
        for pair in _broadcast(conversion, first.dims, other.dims):
            yield pair._replace(broadcasts=broadcasts(op))


def _broadcast(conversion: Conversion, left: tuple[int, ...] | None, right: tuple[int, ...] | None) -> Iterator[Pair]:
    for a, b in zip(reversed(left or ()), reversed(right or ()), strict=False):
        yield Pair(conversion.expressions[a], conversion.expressions[b], True)


def _regions(conversion: Conversion, maps: Value, regions: Value, numbers: Value) -> Iterator[Pair]:
    """Only of a number of images that the program itself knows: behind `distribute_fpn_proposals`, Paddle's symbolic pass has 1 for any."""
    if maps.dims and numbers.dims and numbers.shape[0] > 0:
        yield Pair(conversion.expressions[maps.dims[0]], conversion.expressions[numbers.dims[0]], False)


def _product(conversion: Conversion, op: Op, x: Value, y: Value) -> Iterator[Pair]:
    """What is summed over is of one size; the batches of `bmm` are too (BmmInferMeta in binary.cc), those of `matmul` broadcast."""
    if not x.dims or not y.dims:
        return
    turned = bool(op.attrs.get("transpose_x")), bool(op.attrs.get("transpose_y"))
    summed = axes.matmul(len(x.dims), len(y.dims), *turned)
    across, down = x.dims[summed.across], y.dims[summed.down]
    yield Pair(conversion.expressions[across], conversion.expressions[down], False)
    for pair in _broadcast(conversion, x.dims[:-2], y.dims[:-2]):
        yield pair._replace(broadcasts=ops.bare(op.name) != "bmm")


def _joined(conversion: Conversion, op: Op, values: list[Value]) -> Iterator[Pair]:
    """The members of a list agree on all axes, but for the one that `concat` joins them on."""
    axis = str(op.attrs.get("axis", 0))
    if values and values[0].dtype.startswith("vec["):
        if len(values) > 1:
            axis = conversion.expressions[values[1].data[0]] if values[1].data else ""
        values = [conversion.values[index] for index in conversion.ops[values[0].op].inputs if index >= 0]
    first = values[0].dims if values else None
    if not first or not axis.removeprefix("-").isdigit():
        return
    free = axes.joined_on(ops.bare(op.name), int(axis), len(first))
    for other in values[1:]:
        for place, (a, b) in enumerate(zip(first, other.dims or (), strict=False)):
            if place != free:
                yield Pair(conversion.expressions[a], conversion.expressions[b], False)
