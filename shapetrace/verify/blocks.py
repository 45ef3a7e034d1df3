"""Which statement of the user's made an `if` or a loop of a program: Paddle keeps no call stack of these, but of the ops in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shapetrace.facts import ops
from shapetrace.trace import Conversion, Op, Site

_STATEMENTS = {ops.IF: ("if ", "elif "), ops.WHILE: ("for ", "while ")}


def statement(conversion: Conversion, index: int) -> Site | None:
    """The statement of an op that has a block.

    All ops within share the way to it. Those that count the turns of a loop stand in no other statement, so the last on that way is the loop. An `if` in the
    body may be on it too, so there it is told by where the way to the condition ends.

    Args:
        conversion: The conversion.
        index: Of the op.
    """
    op = conversion.ops[index]
    ops_within = [conversion.ops[each] for each in within(conversion, index)]
    inside = [_way(conversion, each)[:-1] for each in ops_within if each.stack]
    if op.name not in _STATEMENTS or not inside:
        return None
    shared = inside[0][: min(_alike(inside[0], way) for way in inside)]
    found = [depth for depth, site in enumerate(shared) if site.code.startswith(_STATEMENTS[op.name])]
    if op.name == ops.IF and (condition := _condition(conversion, op)):
        same = _alike(shared, condition)
        if same == len(condition):
            return shared[same - 1]
        found = [depth for depth in found if depth >= same][:1] or found
    return shared[found[-1]] if found else None


def within(conversion: Conversion, index: int) -> list[int]:
    """The ops in the blocks of an op, and in their blocks."""
    around, found = {index}, []
    for number, op in enumerate(conversion.ops):
        if op.parent in around:
            around.add(number)
            found.append(number)
    return found


def _condition(conversion: Conversion, op: Op) -> Sequence[Site]:
    """The way to the op that makes the condition of an `if`; of one that has none, as a cast, to that before it."""
    while op.inputs and op.inputs[0] >= 0:
        op = conversion.ops[conversion.values[op.inputs[0]].op]
        if op.stack:
            return _way(conversion, op)
    return ()


def _way(conversion: Conversion, op: Op) -> Sequence[Site]:
    return [conversion.sites[number] for number in op.stack]


def _alike(one: Sequence[Site], other: Sequence[Site]) -> int:
    """How many places of two ways are the same, from their beginning."""

    def differing() -> Iterator[int]:
        for depth, (a, b) in enumerate(zip(one, other, strict=False)):
            if (a.file, a.line) != (b.file, b.line):
                yield depth

    return next(differing(), min(len(one), len(other)))
