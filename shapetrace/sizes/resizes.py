"""The dims of tensors that are made larger or smaller, or that an `if` chooses, where they follow from sizes and Paddle's symbolic pass makes new symbols of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.facts import free_ops, ops
from shapetrace.sizes import sameness
from shapetrace.sizes.conditions import Condition, Conditions, asked
from shapetrace.sizes.numbers import Held, held, taken_out
from shapetrace.symbolic import form
from shapetrace.symbolic.signs import never_negative, never_positive
from shapetrace.trace import Conversion, Op

_LONGEST = 4000
"""Characters of two dims that are compared, or put in the place of a symbol: what follows from longer ones takes minutes to decide."""
_LARGEST_MEANT = 64
"""Of a float that is meant to be a fraction, such as a third: the largest denominator."""
_MOST_COMPARED = 1 << 13  # sizes
_FINEST = 1 << 12
"""Of a factor that is a fraction: with a larger denominator a float rounds, and the axis stays a symbol of its own."""


def resolved(conversion: Conversion) -> list[str]:
    """`Conversion.expressions`, with the symbols of resized axes put in."""
    born: dict[int, list[str]] = {}
    for symbol in conversion.symbols:
        if symbol.input is None and symbol.op is not None:
            born.setdefault(symbol.op, []).append(symbol.key)
    numbers = held(conversion, conversion.expressions) if born else []
    known: dict[str, str] = {}
    sides = _sides(conversion)
    order = {place: sides[place][-1] if place in sides else place for place in born}  # an `if` follows what is in it
    for place in sorted(born, key=order.__getitem__):
        if place in sides:
            for told, choice in _chosen(conversion, conversion.ops[place], sides[place], numbers):
                if told in born[place] and (axis := choice.over(known)):
                    known[told] = axis
        known.update(_broadcast(conversion, conversion.ops[place], born[place], known))
        for told, axis in _axes(conversion, conversion.ops[place], born[place], numbers):
            if told in born[place]:
                known[told] = sameness.shortened(symbolic.substitute(axis, known))
    if not known:
        return list(conversion.expressions)
    return [
        sameness.shortened(symbolic.substitute(expression, known))
        if symbolic.symbols(expression) & known.keys()
        else expression
        for expression in conversion.expressions
    ]


def _sides(conversion: Conversion) -> dict[int, tuple[int, int]]:
    """The ops that give the results of each side of an `if`, by its index."""
    found: dict[int, tuple[int, int]] = {}
    first: dict[int, int] = {}
    for place, op in enumerate(conversion.ops):
        if op.name == ops.YIELD and op.parent >= 0 and conversion.ops[op.parent].name == ops.IF:
            if op.block == 0:
                first[op.parent] = place
            elif op.parent in first:
                found[op.parent] = (first[op.parent], place)
    return found


def _axes(conversion: Conversion, op: Op, born: Sequence[str], numbers: Sequence[Held]) -> Iterator[tuple[str, str]]:
    """What follows from the operands of an op, each as Paddle tells it and as it is."""
    name = ops.bare(op.name)
    if name in free_ops.RESIZES:
        yield from _by_factors(conversion, op)
        yield from _to_size(conversion, op, numbers)
    elif name in free_ops.TRANSPOSED:
        yield from _by_strides(conversion, op)
    elif name == "einsum":
        yield from _by_letters(conversion, op)
    elif name == "pad3d":
        yield from _by_pads(conversion, op, born, numbers)
    elif name == "slice":
        yield from _cut(conversion, op, numbers)
        yield from zip(_data(conversion, op.outputs[0]), taken_out(conversion, op, numbers) or (), strict=False)
    elif name in ops.RESHAPES or name == "expand":
        yield from _as_asked(conversion, op, numbers)


class _Choice(NamedTuple):
    """A dim where all conditions hold, and another one elsewhere."""

    conditions: Conditions
    so: str
    otherwise: str

    def over(self, known: Mapping[str, str]) -> str:
        """The choice with symbols put in; empty where the dims are too long to compare."""
        so, otherwise = (symbolic.substitute(each, known) for each in (self.so, self.otherwise))
        if len(so) + len(otherwise) > _LONGEST:
            return ""
        for condition in reversed(self.conditions):
            so = _choice(condition.replaced(lambda dim: symbolic.substitute(dim, known)), so, otherwise)
        return so


def _chosen(
    conversion: Conversion, op: Op, sides: tuple[int, int], numbers: Sequence[Held]
) -> Iterator[tuple[str, _Choice]]:
    """What one side of an `if` gives, or the other, by a comparison of sizes."""
    conditions = asked(conversion, numbers, op.inputs[0])
    if conditions is None:
        conditions, sides = asked(conversion, numbers, op.inputs[0], true=False), sides[::-1]
    if not conditions:
        return
    for values in zip(op.outputs, *(conversion.ops[side].inputs for side in sides), strict=True):
        for read in (_dims, _data):
            for told, so, otherwise in zip(*(read(conversion, index) for index in values), strict=False):
                yield told, _Choice(conditions, so, otherwise)


def _choice(condition: Condition, so: str, otherwise: str) -> str:
    if alike := sameness.shorter(so, otherwise):
        return alike
    if condition.sign == "!=":
        return _choice(condition.opposite, otherwise, so)
    left, right = condition.least() or (condition.left, condition.right)
    choice = f"{'IfEqual' if condition.sign == '==' else 'IfLeast'}({left}, {right}, {so}, {otherwise})"
    return next((key for key in sorted(symbolic.symbols(choice)) if sameness.same(choice, key)), choice)


def _broadcast(
    conversion: Conversion, op: Op, born: Sequence[str], known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What two operands have in common, where Paddle does not see that it is the same."""
    name = ops.bare(op.name).rstrip("_")
    if name not in ops.ELEMENTWISE and name != "matmul":
        return
    ends = -2 if name == "matmul" else None
    dims = (_dims(conversion, index)[:ends] for index in (*op.inputs[-2:], op.outputs[0]))
    for left, right, after in zip(*map(reversed, dims), strict=False):
        if after in born:
            left, right = (sameness.shortened(symbolic.substitute(each, known)) for each in (left, right))
            if len(left) + len(right) <= _LONGEST:
                yield after, sameness.shorter(left, right) or f"Broadcast({left}, {right})"


def _by_pads(conversion: Conversion, op: Op, born: Sequence[str], numbers: Sequence[Held]) -> Iterator[tuple[str, str]]:
    """Each axis has two symbols added, for what is put before it and after it."""
    after, pads = _dims(conversion, op.outputs[0]), numbers[op.inputs[1]]
    if pads is None:
        return
    axes = list(reversed(_resized(op, len(after))))
    for axis, first in zip(axes, range(0, len(pads), 2), strict=False):
        added = [key for key in born if key in symbolic.symbols(after[axis])]
        if len(added) == 2:
            yield from zip(added, pads[first : first + 2], strict=True)


def _to_size(conversion: Conversion, op: Op, numbers: Sequence[Held]) -> Iterator[tuple[str, str]]:
    """The size that is asked for: in one tensor, or in a list of them."""
    asked = next((index for index in op.inputs[1:3] if index >= 0), -1)
    after = _dims(conversion, op.outputs[0])
    if asked >= 0 and numbers[asked] is not None:
        yield from zip((after[axis] for axis in _resized(op, len(after))), numbers[asked] or (), strict=False)


def _cut(conversion: Conversion, op: Op, numbers: Sequence[Held]) -> Iterator[tuple[str, str]]:
    """What is left of the axes that are cut; the others are as they were, and those of one place are gone."""
    before, after = (_dims(conversion, values[0]) for values in (op.inputs, op.outputs))
    starts, ends = (numbers[index] if index >= 0 else None for index in op.inputs[1:3])
    left: list[str] = list(before)
    for axis, start, end in zip(op.attrs.get("axes") or (), starts or (), ends or (), strict=False):
        if axis < len(left):
            left[axis] = _between(before[axis], start, end)
    if starts is not None and ends is not None:
        gone = op.attrs.get("decrease_axis") or ()
        yield from zip(after, (dim for axis, dim in enumerate(left) if axis not in gone), strict=False)


def _between(dim: str, start: str, end: str) -> str:
    """How much of an axis is between two places, of which those below zero count from its end (funcs/slice_utils.h)."""
    endless = end.isdigit() and int(end) >= ops.END
    if start == "0" and never_negative(end):
        return f"Min({dim}, {end})"
    if endless and never_positive(start):
        return f"Min({dim}, {symbolic.combine('neg', [start])})"
    last = dim if endless else _from_the_beginning(dim, end)
    return f"Max(Add({last}, Mul({_from_the_beginning(dim, start)}, -1)), 0)"


def _from_the_beginning(dim: str, place: str) -> str:
    """A place on an axis, of which one below zero counts from its end."""
    before, after = f"Min({place}, {dim})", f"Max(Add({place}, {dim}), 0)"
    return (
        before
        if never_negative(place)
        else after
        if never_positive(place)
        else f"IfLeast({place}, 0, {before}, {after})"
    )


def _as_asked(conversion: Conversion, op: Op, numbers: Sequence[Held]) -> Iterator[tuple[str, str]]:
    """Each axis has the size that is asked for; a 0 keeps it, and a -1 is what is left."""
    wanted = numbers[op.inputs[1]] if len(op.inputs) > 1 and op.inputs[1] >= 0 else None
    before, after = _dims(conversion, op.inputs[0]), _dims(conversion, op.outputs[0])
    if wanted is None or len(wanted) != len(after):
        return
    kept = [before[axis] if size == "0" and axis < len(before) else size for axis, size in enumerate(wanted)]
    if "-1" in kept and before:
        others = [size for size in kept if size != "-1"]
        kept[kept.index("-1")] = f"Div(Mul({', '.join(before)}), Mul({', '.join([*others, '1'])}))"
    yield from zip(after, kept, strict=True)


def _by_factors(conversion: Conversion, op: Op) -> Iterator[tuple[str, str]]:
    """The axis times its factor, rounded down."""
    factors = op.attrs.get("scale") or []
    before, after = (_dims(conversion, values[0]) for values in (op.inputs, op.outputs))
    if any(index >= 0 for index in op.inputs[1:]):
        return
    for axis, factor in zip(_resized(op, len(before)), factors, strict=False):
        if factor > 0 and axis < len(after) and (larger := _times(before[axis], float(factor))):
            yield after[axis], larger


def _by_letters(conversion: Conversion, op: Op) -> Iterator[tuple[str, str]]:
    """Each axis has a letter of the operands, which are broadcast."""
    terms, _, result = str(op.attrs.get("equation", "")).replace(" ", "").partition("->")
    dims: dict[str, list[str]] = {}
    for term, index in zip(terms.split(","), conversion.ops[conversion.values[op.inputs[0]].op].inputs, strict=False):
        for letter, dim in zip(term, _dims(conversion, index), strict=False):
            dims.setdefault(letter, []).append(dim)
    for letter, after in zip(result, _dims(conversion, op.outputs[0]), strict=False):
        alike = list(dict.fromkeys(dims.get(letter, ())))
        if alike and "." not in terms:
            yield after, alike[0] if len(alike) == 1 else f"Broadcast({', '.join(alike)})"


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


def _data(conversion: Conversion, index: int) -> list[str]:
    return [conversion.expressions[number] for number in conversion.values[index].data or ()]


def _dims(conversion: Conversion, index: int) -> list[str]:
    dims = conversion.values[index].dims if index >= 0 else None
    return [conversion.expressions[dim] for dim in dims or ()]


def _times(dim: str, factor: float) -> str:
    """A dim times a factor, rounded down; empty where a float rounds otherwise than the fraction that it is meant to be."""
    if factor.is_integer():
        return f"Mul({dim}, {int(factor)})"
    if Fraction(factor).denominator <= _FINEST:
        return f"Int(Mul({dim}, {factor!r}))"
    over, under = Fraction(factor).limit_denominator(_LARGEST_MEANT).as_integer_ratio()
    alike = all(int(_single(size * factor)) == size * over // under for size in range(1, _MOST_COMPARED))
    return f"Div(Mul({dim}, {over}), {under})" if alike else ""


def _single(number: float) -> float:
    """A number as 32 bits hold it, which is how Paddle multiplies."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded
