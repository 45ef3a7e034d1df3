"""The numbers that tensors hold where they follow from sizes, and Paddle's symbolic pass leaves them out: remainders, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Op

_MOST = 64  # numbers in one tensor

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
        if _of_integers(conversion, op) and operands and operands[0] is not None:
            known[op.outputs[0]] = compute(op, operands)
    return known


def _of_integers(conversion: Conversion, op: Op) -> bool:
    return "int" in conversion.values[op.outputs[0]].dtype or op.name == ops.COMBINE


def _by_pairs(operator: str) -> Callable[[Op, list[Held]], Held]:
    """What is computed of two tensors, number by number; one alone goes with any other."""

    def compute(op: Op, operands: list[Held]) -> Held:
        left, right = (*operands, None)[:2]
        if left is None or right is None or (len(left) != len(right) and 1 not in (len(left), len(right))):
            return None
        count = max(len(left), len(right))
        both = (list(each) * (count if len(each) == 1 else 1) for each in (left, right))
        return [symbolic.combine(operator, pair) for pair in zip(*both, strict=True)]

    return compute


def _scaled(op: Op, operands: list[Held]) -> Held:
    """With a factor, and then a number added."""
    factor, added = operands[1] if len(operands) > 1 else None, op.attrs.get("bias", 0.0)
    whole = isinstance(added, float) and added.is_integer() and op.attrs.get("bias_after_scale", True)
    if operands[0] is None or not factor or not whole:
        return None
    times = [symbolic.combine("*", (number, factor[0])) for number in operands[0]]
    return [symbolic.combine("+", (number, str(int(added)))) for number in times]


def _same(op: Op, operands: list[Held]) -> Held:
    return operands[0]


def _listed(op: Op, operands: list[Held]) -> Held:
    """The numbers of a list of tensors; of one of which they are not known, none."""
    found = [number for each in operands for number in each or ("",)]
    return found if "" not in found and len(found) <= _MOST else None


_COMPUTE: dict[str, Callable[[Op, list[Held]], Held]] = {
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
    **dict.fromkeys(("cast", "assign", "stack", "concat", "unsqueeze", "squeeze"), _same),
    ops.COMBINE: _listed,
}
"""How each op computes the numbers of its result."""
