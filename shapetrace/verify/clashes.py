"""Which dims clash in an op that fails when the exported model runs, and where each of them came from.

The checks are those of the rules ST7xx (`rules/constraints.py`), asked with the actual shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shapetrace.facts import ops
from shapetrace.rules import constraints, misfits
from shapetrace.said import Sentence, said
from shapetrace.trace import Conversion, FailedCall, Given, Trace
from shapetrace.verify.pieces import Operand

_NUMBERS = frozenset({ops.FULL, ops.FULL_INTS})
_OF_A_LIST = said(
    "a converted loop fills this list, and Paddle joins such a list only where all its tensors have one shape: it compares the axis that they are joined along too"
)
_IN_THE_LOOP = said("join them in the loop: begin with one tensor, and concat the next to it in each turn")


def sentences(
    trace: Trace, conversion: Conversion, index: int, operands: Sequence[Operand], attributes: Mapping[str, Any]
) -> tuple[Sentence, ...]:
    """What does not fit, and the way of each clashing dim.

    Args:
        trace: The trace of the conversion.
        conversion: The conversion.
        index: The op in it.
        operands: What the op was given when it failed.
        attributes: Its attributes, by name.

    Returns:
        Nothing where no check knows the op, or an operand is a list of tensors that cannot be fetched. Of what joins such a list, what Paddle asks of it.
    """
    op = conversion.ops[index]
    if op.name == ops.ARRAY_TO_TENSOR:
        return _OF_A_LIST, _IN_THE_LOOP
    if not all(operand.arrays for operand in operands):
        return ()
    values = [value for value in op.inputs if value >= 0]
    given = tuple(
        _given(conversion, value, operand, f"operand {position}")
        for position, (value, operand) in enumerate(zip(values, operands, strict=True), start=1)
    )
    name = op.name.rpartition(".")[2].rstrip("_")
    call = FailedCall("paddle", name, op=name, operands=(*given, *_attributes(attributes)))
    clash = constraints.clash(call, lambda operand: str(list(operand.shape)))
    if clash is None:
        return ()
    ways = [misfits.way(trace, conversion, side).said for side in clash.sides]
    return (clash.said, *dict.fromkeys(way for way in ways if way is not None))


def _given(conversion: Conversion, value: int, operand: Operand, name: str) -> Given:
    if operand.producer == ops.COMBINE:
        sources = conversion.ops[conversion.values[value].op].inputs
        items = enumerate(zip(sources, operand.arrays, strict=True), start=1)
        return Given("list", items=tuple(_tensor(*each, f"element {place}") for place, each in items))
    (array,) = operand.arrays
    if operand.producer in _NUMBERS and array.dtype.kind == "i":
        numbers = tuple(Given("int", text=str(int(number))) for number in array.reshape(-1))
        return numbers[0] if operand.producer == ops.FULL and len(numbers) == 1 else Given("list", items=numbers)
    return _tensor(value, array, name)


def _attributes(attributes: Mapping[str, Any]) -> tuple[Given, ...]:
    """The attributes that the checks look at: which operands are transposed, and how."""
    found = []
    for name, value in sorted(attributes.items()):
        if name in ("transpose_x", "transpose_y"):
            found.append(Given("bool", name=name, text=str(value)))
        elif name == "perm":
            found.append(Given("list", name=name, items=tuple(Given("int", text=str(axis)) for axis in value)))
    return tuple(found)


def _tensor(value: int, array: Any, name: str) -> Given:
    return Given("Tensor", name=name, shape=tuple(array.shape), value=value)
