"""What ops ask of the shapes of their operands, and which dims of a failed call break it.

Each check proves what it says from the recorded shapes: it answers only where two known dims clash, a total is
wrong, or an axis is out of range. Paddle's own checks are in `paddle/phi/infermeta`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shapetrace.facts import axes, operators, ops
from shapetrace.trace import FailedCall, Given


class Side(NamedTuple):
    """One dim that takes part in a clash: an axis of an operand, and what the operand is called."""

    operand: Given
    axis: int
    name: str

    @property
    def size(self) -> int:
        """The dim as Paddle has it."""
        return self.operand.shape[self.axis]


class Clash(NamedTuple):
    """A constraint that a call breaks. In `message`, `{0}` stands for the shape of the first operand, and so on."""

    message: str
    operands: tuple[Given, ...]
    sides: tuple[Side, ...] = ()
    replacement: str = ""


def clash(call: FailedCall) -> Clash | None:
    """The dims of a failed call that do not fit together; None where no check knows."""
    op = (call.op or _OP_OF_API.get(call.api, call.api.rpartition(".")[2])).removesuffix("_")
    operands = call.operands or tuple(given for given in call.arguments if given.name not in ("name", "out"))
    check = _CHECKS.get(op)
    return check(op, operands, call) if check is not None else None


def named(operand: Given, fallback: str) -> str:
    """What to call an operand: a short expression of the user's, else its parameter."""
    code = operand.code
    if code and len(code) <= 24 and "\n" not in code:
        return code
    return operand.name or fallback


def _matmul(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    tensors = [given for given in operands if given.type == "Tensor"]
    if op == "addmm":
        tensors = tensors[1:]
    if len(tensors) < 2:
        return None
    x, y = tensors[:2]
    flags = [given.text == "True" for given in operands if given.type == "bool"][:2]
    turn_x, turn_y = [*flags, False, False][:2] if op == "matmul" else (False, False)
    if not x.shape or not y.shape:
        return None
    summed = axes.matmul(len(x.shape), len(y.shape), turn_x, turn_y)
    left = Side(x, len(x.shape) + summed.across, _pair(x, y)[0])
    right = Side(y, len(y.shape) + summed.down, _pair(x, y)[1])
    if _differ(left.size, right.size):
        weight = "its weight " if _is_weight(y) and call.api[:1].isupper() else ""
        what = f"{_who(op, call)} cannot multiply {{0}} with {weight}{{1}}"
        return Clash(f"{what}: {_sizes(left, right)}", (x, y), (left, right), _turned(call, x, y, turn_y, left.size))
    return _aligned(x, y, x.shape[:-2], y.shape[:-2], f"{_who(op, call)} cannot multiply {{0}} with {{1}}")


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


def _broadcast(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    tensors = [given for given in operands if given.type == "Tensor"]
    for position, x in enumerate(tensors):
        for y in tensors[position + 1 :]:
            found = _aligned(x, y, x.shape, y.shape, f"{_who(op, call)} cannot broadcast {{0}} and {{1}}")
            if found is not None:
                return found
    return None


def _aligned(x: Given, y: Given, left: tuple[int, ...], right: tuple[int, ...], what: str) -> Clash | None:
    """The first axes, counted from the end, that do not broadcast. `left` and `right` are the leading dims compared."""
    for back in range(1, min(len(left), len(right)) + 1):
        a, b = Side(x, len(left) - back, _pair(x, y)[0]), Side(y, len(right) - back, _pair(x, y)[1])
        if _differ(a.size, b.size) and 1 not in (a.size, b.size):
            return Clash(f"{what}: {_sizes(a, b)}", (x, y), (a, b))
    return None


def _joined(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    """`concat` and `stack`: the same rank, and the same size on every axis but the one joined on."""
    tensors = next((given.items for given in operands if given.items and given.items[0].type == "Tensor"), ())
    axis = next((int(given.text) for given in operands if given.type == "int"), 0)
    for position, other in enumerate(tensors[1:], start=1):
        first = tensors[0]
        names = _distinct(named(first, "the first"), named(other, f"number {position}"), f"number {position}")
        if len(first.shape) != len(other.shape):
            ranks = f"{names[0]} has {len(first.shape)} axes and {names[1]} has {len(other.shape)}"
            return Clash(f"{op} needs tensors of one rank, and got {{0}} and {{1}}: {ranks}", (first, other))
        free = axes.joined_on(op, axis, len(first.shape))
        for place in range(len(first.shape)):
            a, b = Side(first, place, names[0]), Side(other, place, names[1])
            if place != free and _differ(a.size, b.size):
                where = f" on axis {free}" if free is not None else ""
                return Clash(f"{op}{where} cannot join {{0}} and {{1}}: {_sizes(a, b)}", (first, other), (a, b))
    return None


def _reshape(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    tensors = [given for given in operands if given.type == "Tensor"]
    shape = next((given.items for given in operands if given.type in ("list", "tuple")), ())
    if not tensors or not shape or any(item.type != "int" for item in shape):
        return None
    x, sizes = tensors[0], [int(item.text) for item in shape]
    wanted = f"[{', '.join(map(str, sizes))}]"
    if sizes.count(-1) > 1:
        return Clash(f"{op} of {{0}} to {wanted} leaves {sizes.count(-1)} dims to infer, and can infer one", (x,))
    copied = [x.shape[i] if size == 0 and i < len(x.shape) else size for i, size in enumerate(sizes)]
    known = math.prod(size for size in copied if size != -1)
    if min(x.shape, default=1) < 0 or min(copied) < -1 or known <= 0:
        return None
    total = math.prod(x.shape)
    sides = tuple(Side(x, axis, named(x, "x")) for axis in range(len(x.shape)))
    if -1 in copied and total % known:
        return Clash(f"{op} of {{0}} to {wanted}: {total} elements do not divide by {known}", (x,), sides)
    if -1 not in copied and total != known:
        return Clash(f"{op} of {{0}} to {wanted}: {total} elements do not fill {known}", (x,), sides)
    return None


def _expand(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    tensors = [given for given in operands if given.type == "Tensor"]
    shape = next((given.items for given in operands if given.type in ("list", "tuple")), ())
    if not tensors or not shape:
        return None
    x = tensors[0]
    wanted = f"[{', '.join(item.text or '?' for item in shape)}]"
    if len(shape) < len(x.shape):
        return Clash(
            f"{op} of {{0}} to {wanted}: the tensor has {len(x.shape)} axes, and {len(shape)} are asked for", (x,)
        )
    for back in range(1, len(x.shape) + 1):
        size, item = x.shape[-back], shape[-back]
        if item.type == "int" and int(item.text) > 0 and size > 1 and size != int(item.text):
            side = Side(x, len(x.shape) - back, named(x, "x"))
            asked = f"axis {side.axis} of {side.name} is {size}, and {item.text} is asked for"
            return Clash(f"{op} of {{0}} to {wanted}: {asked}", (x,), (side,))
    return None


def _split(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    numbers = [given for given in operands if given.type == "int"]
    tensors = [given for given in operands if given.type == "Tensor"]
    sections = next((given.items for given in operands if given.type in ("list", "tuple")), ())
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
            told = f"{' + '.join(map(str, sizes))} is {sum(sizes)}, and axis {side.axis} of {side.name} is {side.size}"
            return Clash(f"{op} of {{0}}: {told}", (x,), (side,))
    elif numbers and int(numbers[0].text) > 0 and side.size % int(numbers[0].text):
        told = f"axis {side.axis} of {side.name} is {side.size}, which does not divide by {numbers[0].text}"
        return Clash(f"{op} of {{0}}: {told}", (x,), (side,))
    return None


def _einsum(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    given = [*operands, *(item for operand in operands for item in operand.items)]
    equation = next((item.text.strip("'\"") for item in given if item.type == "str"), "")
    tensors = [item for item in given if item.type == "Tensor"]
    labels = equation.replace(" ", "").split("->")[0].split(",")
    if "..." in equation or len(labels) != len(tensors):
        return None
    seen: dict[str, Side] = {}
    for position, (tensor, letters) in enumerate(zip(tensors, labels, strict=True)):
        if len(letters) != len(tensor.shape):
            told = f"`{letters}` names {len(letters)} axes, and the operand has {len(tensor.shape)}"
            return Clash(f"einsum of {{0}}: {told}", (tensor,))
        for axis, letter in enumerate(letters):
            side = Side(tensor, axis, f"operand {position}")
            known = seen.setdefault(letter, side)
            if _differ(known.size, side.size):
                told = f"`{letter}` is {known.size} on axis {known.axis} of {known.name}"
                told += f" and {side.size} on axis {axis} of {side.name}"
                return Clash(f"einsum cannot combine {{0}} and {{1}}: {told}", (known.operand, tensor), (known, side))
    return None


def _transpose(op: str, operands: Sequence[Given], call: FailedCall) -> Clash | None:
    tensors = [given for given in operands if given.type == "Tensor"]
    order = next((given.items for given in operands if given.type in ("list", "tuple")), ())
    if not tensors or not order or len(order) == len(tensors[0].shape):
        return None
    wanted = f"[{', '.join(item.text or '?' for item in order)}]"
    told = f"the tensor has {len(tensors[0].shape)} axes, and perm orders {len(order)}"
    return Clash(f"{op} of {{0}} by {wanted}: {told}", (tensors[0],))


def _differ(a: int, b: int) -> bool:
    """Whether two dims are known and different; what is negative is unknown."""
    return a >= 0 and b >= 0 and a != b


def _sizes(a: Side, b: Side) -> str:
    return f"axis {a.axis} of {a.name} is {a.size} and axis {b.axis} of {b.name} is {b.size}"


def _pair(x: Given, y: Given) -> tuple[str, str]:
    """Names for two operands that tell them apart."""
    if _is_weight(y) and not y.code:
        return named(x, "the input"), "the weight"
    return _distinct(named(x, "x"), named(y, "y"), "the other")


def _distinct(first: str, second: str, other: str) -> tuple[str, str]:
    return (first, second) if first != second else (f"the first {first}", f"the second {second}")


def _is_weight(operand: Given) -> bool:
    return operand.text == "parameter"


def _who(op: str, call: FailedCall) -> str:
    """What refused: the function or layer that the user called, or for an operator the op behind it."""
    return op.removeprefix("elementwise_") if call.api in _OP_OF_API or call.api == "[]" else call.api


_OP_OF_API = {operator.sign: operator.op for operator in (*operators.ARITHMETIC, operators.MATMUL)}
_Check = Callable[[str, Sequence[Given], FailedCall], Clash | None]
_CHECKS: dict[str, _Check] = {
    **dict.fromkeys(ops.PRODUCTS, _matmul),
    **dict.fromkeys(ops.ELEMENTWISE, _broadcast),
    **dict.fromkeys(axes.JOINING, _joined),
    **dict.fromkeys(ops.RESHAPES, _reshape),
    **dict.fromkeys(ops.EXPANDS, _expand),
    **dict.fromkeys(ops.SPLITS, _split),
    "einsum": _einsum,
    "transpose": _transpose,
}
