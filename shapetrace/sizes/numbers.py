"""The numbers that tensors hold where they follow from sizes, and Paddle's symbolic pass leaves them out: remainders, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Op

_MOST = 64  # numbers in one tensor
_HALF = 0.5
Held = Sequence[str] | None
"""The numbers of a tensor, each in the form of `shapetrace.symbolic`; None where they are not known."""


def held(conversion: Conversion, expressions: Sequence[str]) -> list[Held]:
    """What each value holds, by its index.

    Args:
        conversion: The conversion.
        expressions: Its expressions, as far as it is known what they are.
    """
    known: list[Held] = [
        None if value.data is None else [expressions[number] for number in value.data] for value in conversion.values
    ]
    for op in conversion.ops:
        compute = _COMPUTE.get(ops.bare(op.name).rstrip("_"))
        if compute is None or not op.outputs or known[op.outputs[0]] is not None:
            continue
        operands = [known[index] if index >= 0 else None for index in op.inputs]
        if (_of_integers(conversion, op) or compute in (_rooted, _powered)) and operands and operands[0] is not None:
            found = compute(conversion, op, operands)
            known[op.outputs[0]] = found if found is not None and _fills(conversion, op, found) else None
    return known


def taken_out(conversion: Conversion, op: Op, numbers: Sequence[Held]) -> Held:
    """The numbers that a slice leaves of those that a tensor holds.

    Args:
        conversion: The conversion.
        op: The slice.
        numbers: What each value of the conversion holds.
    """
    return _sliced(conversion, op, [numbers[index] if index >= 0 else None for index in op.inputs])


def _fills(conversion: Conversion, op: Op, found: Sequence[str]) -> bool:
    """Whether there is a number for each place of an op's result: rows and columns that are broadcast have more."""
    return op.name == ops.COMBINE or len(found) == prod(conversion.values[op.outputs[0]].shape)


def _of_integers(conversion: Conversion, op: Op) -> bool:
    return "int" in conversion.values[op.outputs[0]].dtype or op.name == ops.COMBINE


_Compute = Callable[[Conversion, Op, list[Held]], Held]


def _by_pairs(operator: str) -> _Compute:
    """What is computed of two tensors, number by number; one alone goes with any other."""

    def compute(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
        left, right = (*operands, None)[:2]
        if left is None or right is None or (len(left) != len(right) and 1 not in (len(left), len(right))):
            return None
        count = max(len(left), len(right))
        both = (list(each) * (count if len(each) == 1 else 1) for each in (left, right))
        return [symbolic.combine(operator, pair) for pair in zip(*both, strict=True)]

    return compute


def _scaled(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    """With a factor, and then a number added."""
    factor, added = operands[1] if len(operands) > 1 else None, op.attrs.get("bias", 0.0)
    whole = isinstance(added, float) and added.is_integer() and op.attrs.get("bias_after_scale", True)
    if operands[0] is None or not factor or not whole:
        return None
    times = [symbolic.combine("*", (number, factor[0])) for number in operands[0]]
    return [symbolic.combine("+", (number, str(int(added)))) for number in times]


def _same(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    return operands[0]


def _cast(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    """Rounded to zero, where they are roots."""
    rounded = "int" not in conversion.values[op.inputs[0]].dtype
    return [symbolic.combine("int", [number]) for number in operands[0] or ()] if rounded else operands[0]


def _powered(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    """With an exponent that is written down."""
    exponent = conversion.ops[conversion.values[op.inputs[1]].op].attrs.get("value")
    if exponent == _HALF:
        return _rooted(conversion, op, operands)
    if not _of_integers(conversion, op) or not isinstance(exponent, float) or not exponent.is_integer() or exponent < 1:
        return None
    return [symbolic.combine("**", [number, str(int(exponent))]) for number in operands[0] or ()]


def _rooted(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    return [symbolic.combine("sqrt", [number]) for number in operands[0] or ()]


def _listed(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    """The numbers of a list of tensors; of one of which they are not known, none."""
    found = [number for each in operands for number in each or ("",)]
    return found if "" not in found and len(found) <= _MOST else None


def _joined(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    """One after the other, where that is how the result holds them."""
    axis = op.attrs.get("axis", 0) if len(operands) == 1 else (operands[1] or [""])[0]
    rank = len(conversion.values[op.outputs[0]].shape)
    return operands[0] if rank <= 1 or str(axis) == "0" else None


def _sliced(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
    whole, shape = operands[0], conversion.values[op.inputs[0]].shape
    starts, ends = (operands[place] or () if place < len(operands) else () for place in (1, 2))
    axes = op.attrs.get("axes") or ()
    places = [range(size) for size in shape]
    if whole is None or len(whole) != prod(shape):
        return None
    if not len(axes) == len(starts) == len(ends) or not all(map(_is_number, (*starts, *ends))):
        return None
    for axis, start, end in zip(axes, starts, ends, strict=True):
        places[axis] = places[axis][int(start) : int(end)]
    return [whole[_index(shape, place)] for place in product(*places)]


def _index(shape: Sequence[int], place: Sequence[int]) -> int:
    """Where a place of a tensor stands among all its numbers."""
    return sum(at * prod(shape[axis + 1 :]) for axis, at in enumerate(place))


def _reduced(operator: str) -> _Compute:
    """What is computed of all numbers along some axes."""

    def compute(conversion: Conversion, op: Op, operands: list[Held]) -> Held:
        whole, shape = operands[0] or (), conversion.values[op.inputs[0]].shape
        given = operands[1] if len(operands) > 1 else ()
        if given is None or not all(map(_is_number, given)):
            return None
        axes = {int(axis) % len(shape) for axis in given} or set(range(len(shape)))
        groups: dict[tuple[int, ...], str] = {}
        for number, place in zip(whole, product(*map(range, shape)), strict=False):
            left = tuple(at for axis, at in enumerate(place) if axis not in axes)
            groups[left] = symbolic.combine(operator, (groups[left], number)) if left in groups else number
        return list(groups.values())

    return compute


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit()


_COMPUTE: dict[str, _Compute] = {
    **{
        name: _by_pairs(operator)
        for name, operator in (
            ("remainder", "%"),
            ("floor_divide", "//"),
            ("add", "+"),
            ("subtract", "-"),
            ("multiply", "*"),
            ("maximum", "max"),
            ("minimum", "min"),
        )
    },
    "scale": _scaled,
    "cast": _cast,
    "sqrt": _rooted,
    "elementwise_pow": _powered,
    **dict.fromkeys(("assign", "unsqueeze", "squeeze"), _same),
    **dict.fromkeys(("stack", "concat"), _joined),
    "slice": _sliced,
    "sum": _reduced("+"),
    "prod": _reduced("*"),
    ops.COMBINE: _listed,
}
"""How each op computes the numbers of its result."""
