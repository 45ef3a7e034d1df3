"""What ops ask of the shapes of their operands, and which dims of a failed call break it.

Each check proves what it says from the recorded shapes: it answers only where two known dims clash, a total is
wrong, or an axis is out of range. Paddle's own checks are in `paddle/phi/infermeta`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shapetrace.facts import axes, operators, ops
from shapetrace.said import said
from shapetrace.trace import FailedCall, Given, Said, Sentence

Shape = Callable[[Given], str]
"""Writes the shape of a tensor."""


class Side(NamedTuple):
    """One dim that takes part in a clash: an axis of an operand, and what the operand is called."""

    operand: Given
    axis: int
    name: Sentence

    @property
    def size(self) -> int:
        """The dim as Paddle has it."""
        return self.operand.shape[self.axis]


class Clash(NamedTuple):
    """A constraint that a call breaks."""

    said: Said
    operands: tuple[Given, ...]
    sides: tuple[Side, ...] = ()
    replacement: str = ""
    rule: str = "ST701"
    says: Said | None = None
    """What to write, where there is no replacement."""


def clash(call: FailedCall, shape: Shape) -> Clash | None:
    """The dims of a failed call that do not fit together; None where no check knows.

    Args:
        call: The call.
        shape: Writes the shapes of its operands.
    """
    op = (call.op or _OP_OF_API.get(call.api, call.api.rpartition(".")[2])).removesuffix("_")
    operands = call.operands or tuple(argument for argument in call.arguments if argument.name not in ("name", "out"))
    check = _CHECKS.get(op)
    return check(op, operands, call, shape) if check is not None else None


def named(operand: Given, fallback: Sentence) -> Sentence:
    """What to call an operand: a short expression of the user's, else its parameter."""
    code = operand.code
    if code and len(code) <= 24 and "\n" not in code:
        return code
    return operand.name or fallback


def _matmul(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    if op == "addmm":
        tensors = tensors[1:]
    if len(tensors) < 2:
        return None
    x, y = tensors[:2]
    flags = [operand.text == "True" for operand in operands if operand.type == "bool"][:2]
    turn_x, turn_y = [*flags, False, False][:2] if op == "matmul" else (False, False)
    if not x.shape or not y.shape:
        return None
    summed = axes.matmul(len(x.shape), len(y.shape), turn_x, turn_y)
    left = Side(x, len(x.shape) + summed.across, _pair(x, y)[0])
    right = Side(y, len(y.shape) + summed.down, _pair(x, y)[1])
    if _differ(left.size, right.size):
        weight = said("its weight {}", shape(y)) if _is_weight(y) and call.api[:1].isupper() else shape(y)
        what = said("{} cannot multiply {} with {}", _who(op, call), shape(x), weight)
        sentence = said("{}: {}", what, _sizes(left, right))
        other = _resized(left.size, right.size) if _is_weight(y) and call.api[:1].isupper() else None
        return Clash(sentence, (x, y), (left, right), _turned(call, x, y, turn_y, left.size), says=other)
    what = said("{} cannot multiply {} with {}", _who(op, call), shape(x), shape(y))
    return _aligned(x, y, x.shape[:-2], y.shape[:-2], what)


def _turned(call: FailedCall, x: Given, y: Given, turn_y: bool, wanted: int) -> str:
    """`y` transposed, where that makes it fit."""
    if (
        call.api not in ("@", "matmul")
        or turn_y
        or len(y.shape) < 2
        or y.shape[-1] != wanted
        or not (x.code and y.code)
        or _is_weight(y)
    ):
        return ""
    return f"paddle.matmul({x.code}, {y.code}, transpose_y=True)"


def _broadcast(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    for position, x in enumerate(tensors):
        for y in tensors[position + 1 :]:
            what = said("{} cannot broadcast {} and {}", _who(op, call), shape(x), shape(y))
            clashing = _aligned(x, y, x.shape, y.shape, what)
            if clashing is not None:
                return clashing
    return None


def _aligned(x: Given, y: Given, left: tuple[int, ...], right: tuple[int, ...], what: Said) -> Clash | None:
    """The first axes, counted from the end, that do not broadcast. `left` and `right` are the leading dims compared."""
    for back in range(1, min(len(left), len(right)) + 1):
        a, b = Side(x, len(left) - back, _pair(x, y)[0]), Side(y, len(right) - back, _pair(x, y)[1])
        if _differ(a.size, b.size) and 1 not in (a.size, b.size):
            return Clash(said("{}: {}", what, _sizes(a, b)), (x, y), (a, b))
    return None


def _resized(given: int, wanted: int) -> Said:
    return said("make the layer for {} there, or give it {}", given, wanted)


def _unsqueezed(one: Given, other: Given) -> Said:
    """What gives the operand of the lower rank the axis that it lacks."""
    lower = min(one, other, key=lambda operand: len(operand.shape))
    code = lower.code if lower.code.isidentifier() else "..."
    if not lower.shape:
        return said("give the one without axes one: {}", f"{code}.unsqueeze(0)")
    return said("give the one of {} axes those that it lacks: {}", len(lower.shape), f"{code}.unsqueeze(...)")


def _joined(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    """`concat` and `stack`: the same rank, and the same size on every axis but the one joined on."""
    tensors = next((operand.items for operand in operands if operand.items and operand.items[0].type == "Tensor"), ())
    axis = next((int(operand.text) for operand in operands if operand.type == "int"), 0)
    for position, other in enumerate(tensors[1:], start=1):
        first = tensors[0]
        names = _distinct(named(first, said("the first")), named(other, said("number {}", position)))
        if len(first.shape) != len(other.shape):
            ranks = said("{} is of rank {}, and {} of rank {}", names[0], len(first.shape), names[1], len(other.shape))
            what = said("{} needs tensors of one rank, and got {} and {}: {}", op, shape(first), shape(other), ranks)
            return Clash(what, (first, other), says=_unsqueezed(first, other))
        free = axes.joined_on(op, axis, len(first.shape))
        for place in range(len(first.shape)):
            a, b = Side(first, place, names[0]), Side(other, place, names[1])
            if place != free and _differ(a.size, b.size):
                shapes = shape(first), shape(other)
                what = (
                    said("{} on axis {} cannot join {} and {}", op, free, *shapes)
                    if free is not None
                    else said("{} cannot join {} and {}", op, *shapes)
                )
                return Clash(said("{}: {}", what, _sizes(a, b)), (first, other), (a, b))
    return None


def _regions(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    """How many regions an image has is told of each image."""
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    if len(tensors) < 3 or not tensors[0].shape or not tensors[2].shape:
        return None
    images, numbers = Side(tensors[0], 0, named(tensors[0], "x")), Side(tensors[2], 0, named(tensors[2], "boxes_num"))
    if not _differ(images.size, numbers.size):
        return None
    what = said("{} wants to be told of each image of {} how many regions it has", op, shape(images.operand))
    return Clash(said("{}: {}", what, _sizes(images, numbers)), (images.operand, numbers.operand), (images, numbers))


def _reshape(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    items = next((operand.items for operand in operands if operand.type in ("list", "tuple")), ())
    if not tensors or not items or any(item.type != "int" for item in items):
        return None
    x, sizes = tensors[0], [int(item.text) for item in items]
    wanted = f"[{', '.join(map(str, sizes))}]"
    if sizes.count(-1) > 1:
        what = said("{} of {} to {} leaves {} dims to infer, and can infer one", op, shape(x), wanted, sizes.count(-1))
        return Clash(what, (x,))
    copied = [x.shape[i] if size == 0 and i < len(x.shape) else size for i, size in enumerate(sizes)]
    product = math.prod(size for size in copied if size != -1)
    if min(x.shape, default=1) < 0 or min(copied) < -1 or product <= 0:
        return None
    total = math.prod(x.shape)
    sides = tuple(Side(x, axis, named(x, "x")) for axis in range(len(x.shape)))
    what = said("{} of {} to {}", op, shape(x), wanted)
    if -1 in copied and total % product:
        return Clash(said("{}: {} elements do not divide by {}", what, total, product), (x,), sides)
    if -1 not in copied and total != product:
        return Clash(said("{}: {} elements do not fill {}", what, total, product), (x,), sides)
    return None


def _expand(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    items = next((operand.items for operand in operands if operand.type in ("list", "tuple")), ())
    if not tensors or not items:
        return None
    x = tensors[0]
    what = said("{} of {} to {}", op, shape(x), f"[{', '.join(item.text or '?' for item in items)}]")
    if len(items) < len(x.shape):
        told = said("{}: the tensor has {} axes, and {} are asked for", what, len(x.shape), len(items))
        return Clash(told, (x,))
    for back in range(1, len(x.shape) + 1):
        size, item = x.shape[-back], items[-back]
        if item.type == "int" and int(item.text) > 0 and size > 1 and size != int(item.text):
            side = Side(x, len(x.shape) - back, named(x, "x"))
            asked = said("axis {} of {} is {}, and {} is asked for", side.axis, side.name, size, item.text)
            return Clash(said("{}: {}", what, asked), (x,), (side,))
    return None


def _split(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    numbers = [operand for operand in operands if operand.type == "int"]
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    sections = next((operand.items for operand in operands if operand.type in ("list", "tuple")), ())
    axis = numbers[-1] if len(numbers) > 1 or (sections and numbers) else None
    if not tensors or not tensors[0].shape:
        return None
    x = tensors[0]
    place = int(axis.text) if axis is not None else 0
    if not -len(x.shape) <= place < len(x.shape):
        return None
    side = Side(x, place % len(x.shape), named(x, "x"))
    if side.size < 0:
        return None
    if sections and all(item.type == "int" for item in sections):
        sizes = [int(item.text) for item in sections]
        if -1 not in sizes and sum(sizes) != side.size:
            total = " + ".join(map(str, sizes)), sum(sizes)
            told = said("{} is {}, and axis {} of {} is {}", *total, side.axis, side.name, side.size)
            return Clash(said("{} of {}: {}", op, shape(x), told), (x,), (side,))
    elif numbers and int(numbers[0].text) > 0 and side.size % int(numbers[0].text):
        asked = numbers[0].text
        told = said("axis {} of {} is {}, which does not divide by {}", side.axis, side.name, side.size, asked)
        return Clash(said("{} of {}: {}", op, shape(x), told), (x,), (side,))
    return None


def _einsum(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    items = [*operands, *(item for operand in operands for item in operand.items)]
    equation = next((item.text.strip("'\"") for item in items if item.type == "str"), "")
    tensors = [item for item in items if item.type == "Tensor"]
    labels = equation.replace(" ", "").split("->")[0].split(",")
    if "..." in equation or len(labels) != len(tensors):
        return None
    sides: dict[str, Side] = {}
    for position, (tensor, letters) in enumerate(zip(tensors, labels, strict=True)):
        if len(letters) != len(tensor.shape):
            told = said("`{}` names {} axes, and the operand has {}", letters, len(letters), len(tensor.shape))
            return Clash(said("{} of {}: {}", op, shape(tensor), told), (tensor,))
        for axis, letter in enumerate(letters):
            side = Side(tensor, axis, said("operand {}", position))
            first = sides.setdefault(letter, side)
            if _differ(first.size, side.size):
                shapes = shape(first.operand), shape(tensor)
                what = said("einsum cannot combine {} and {}: {}", *shapes, _letters(letter, first, side))
                return Clash(what, (first.operand, tensor), (first, side))
    return None


def _transpose(op: str, operands: Sequence[Given], call: FailedCall, shape: Shape) -> Clash | None:
    tensors = [operand for operand in operands if operand.type == "Tensor"]
    order = next((operand.items for operand in operands if operand.type in ("list", "tuple")), ())
    if not tensors or not order or len(order) == len(tensors[0].shape):
        return None
    wanted = f"[{', '.join(item.text or '?' for item in order)}]"
    what = said("{} of {} by {}", op, shape(tensors[0]), wanted)
    told = said("{}: the tensor has {} axes, and perm orders {}", what, len(tensors[0].shape), len(order))
    says = said("give perm one number for each axis of the tensor")
    return Clash(told, (tensors[0],), rule="ST702", says=says)


def _differ(a: int, b: int) -> bool:
    """Whether two dims are known and different; what is negative is unknown."""
    return a >= 0 and b >= 0 and a != b


def _sizes(a: Side, b: Side) -> Said:
    return said("axis {} of {} is {} and axis {} of {} is {}", a.axis, a.name, a.size, b.axis, b.name, b.size)


def _letters(letter: str, a: Side, b: Side) -> Said:
    sides = a.size, a.axis, a.name, b.size, b.axis, b.name
    return said("`{}` is {} on axis {} of {} and {} on axis {} of {}", letter, *sides)


def _pair(x: Given, y: Given) -> tuple[Sentence, Sentence]:
    """Names for two operands that tell them apart."""
    if _is_weight(y) and not y.code:
        return named(x, said("the input")), said("the weight")
    return _distinct(named(x, "x"), named(y, "y"))


def _distinct(first: Sentence, second: Sentence) -> tuple[Sentence, Sentence]:
    return (first, second) if first != second else (said("the first {}", first), said("the second {}", second))


def _is_weight(operand: Given) -> bool:
    return operand.text == "parameter"


def _who(op: str, call: FailedCall) -> str:
    """What refused: the function or layer that the user called, or for an operator the op behind it."""
    return op.removeprefix("elementwise_") if call.api in _OP_OF_API or call.api == "[]" else call.api


_OP_OF_API = {operator.sign: operator.op for operator in (*operators.ARITHMETIC, operators.MATMUL)}
_Check = Callable[[str, Sequence[Given], FailedCall, Shape], Clash | None]
_CHECKS: dict[str, _Check] = {
    **dict.fromkeys(ops.PRODUCTS, _matmul),
    **dict.fromkeys(ops.ELEMENTWISE, _broadcast),
    **dict.fromkeys(axes.JOINING, _joined),
    **dict.fromkeys(ops.RESHAPES, _reshape),
    **dict.fromkeys(ops.EXPANDS, _expand),
    **dict.fromkeys(ops.SPLITS, _split),
    "einsum": _einsum,
    **dict.fromkeys(axes.REGIONS, _regions),
    "transpose": _transpose,
}
