"""The ranges of the tensors within a program, worked out from their symbolic shapes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.sizes import resizes
from shapetrace.sizes.ranges import Range, Ranges
from shapetrace.symbolic import arithmetic, form
from shapetrace.symbolic.form import Node
from shapetrace.trace import Site
from shapetrace.trace.program import Tensor

_MOST_TRIED = 1 << 14  # choices of sizes
_RISING = frozenset({"Add", "Mul", "Div", "Max", "Min", "Broadcast", "Int", "Floor", "Ceil", "Trunc", "Float"})
"""Functions that are never smaller where their operands are larger: products of what is not negative, divisions by a number."""

Sized = tuple[int, int, int]
"""The smallest, the usual and the largest size of an axis."""


@dataclass(frozen=True)
class Extent:
    """A tensor, and how large each of its axes is at the ranges of the inputs."""

    name: str
    op: str
    site: Site | None
    axes: tuple[Sized | None, ...]
    """None for an axis of which that is not known: it depends on what the inputs hold."""


def tensors(ranges: Ranges) -> Iterator[Extent]:
    """The extents of the tensors within a program of which an axis is unknown, in its order.

    Args:
        ranges: The ranges of the inputs.
    """
    conversion = ranges.conversion
    known = resizes.resolved(conversion)
    work = _Extents(ranges)
    for index, value in enumerate(conversion.values):
        given = conversion.ops[value.op].name in ops.GIVEN
        if given or value.dims is None or not any(symbolic.symbols(known[dim]) for dim in value.dims):
            continue
        tensor = Tensor(conversion, index)
        yield Extent(tensor.name, tensor.op, tensor.site, tuple(work.of(known[dim]) for dim in value.dims))


class _Extents:
    """Works out expressions, each once."""

    def __init__(self, ranges: Ranges) -> None:
        found = ranges.found
        self._places: dict[str, tuple[str, ...]] = {}
        self._ranges: dict[str, Range] = {}
        self._known: dict[str, Sized | None] = {}
        for symbol in ranges.conversion.symbols:
            place = f"{symbol.input}[{symbol.axis}]"
            if place in ranges.axes:
                self._places[symbol.key] = found.together_with(found.axis(place))
                self._ranges[symbol.key] = ranges.axes[place]

    def of(self, expression: str) -> Sized | None:
        """The extent of a dim; None where it is not known."""
        if expression not in self._known:
            self._known[expression] = self._worked_out(expression)
        return self._known[expression]

    def _worked_out(self, expression: str) -> Sized | None:
        keys = symbolic.symbols(expression)
        if not keys <= self._ranges.keys():
            return None
        try:
            usual = symbolic.evaluate(expression, {key: self._ranges[key].opt for key in keys})
            sizes = [symbolic.evaluate(expression, at) for at in self._choices(form.parse(expression), keys)]
        except ValueError:  # at some of the sizes it is no number
            return None
        return (min(sizes), usual, max(sizes)) if sizes else None

    def _choices(self, node: Node, keys: frozenset[str]) -> Iterator[dict[str, int]]:
        """The sizes at which an expression is smallest and largest: at both ends where it only rises, else all there are."""
        groups = dict.fromkeys(self._places[key] for key in keys)
        among = {self._places[key]: self._ranges[key] for key in keys}
        least, most = ({key: getattr(self._ranges[key], end) for key in keys} for end in ("min", "max"))
        if _rises(node, least):
            yield from (least, most)
        elif math.prod(len(among[places].sizes()) for places in groups) <= _MOST_TRIED:
            for chosen in itertools.product(*(among[places].sizes() for places in groups)):
                at: Mapping[tuple[str, ...], int] = dict(zip(groups, chosen, strict=True))
                yield {key: at[self._places[key]] for key in keys}


def _rises(node: Node, least: Mapping[str, int]) -> bool:
    """Whether an expression is never smaller where its symbols are larger.

    Raises:
        ValueError: It is no number at the least sizes.
    """
    if not isinstance(node, tuple):
        return True
    name, *operands = node
    if name not in _RISING or not all(_rises(operand, least) for operand in operands):
        return False
    if name == "Div":
        return isinstance(operands[1], int) and operands[1] > 0
    return name != "Mul" or all(arithmetic.evaluate(operand, least) >= 0 for operand in operands)
