"""Expressions in one symbol, known at every size: a table of the first values, and the period and steps by which it goes on.

The dims of a program are made of sums, divisions that round, maxima and the like. As a function of one size, with all others
held, such a dim is a straight line on each remainder of some period, from some size on. So a table of the sizes up to there and
of one period more says what it is at *every* size, and what two such functions have in common can be told for all of them.

Numbers are exact: integers, and fractions where Python divided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil, lcm

from shapetrace.errors import ShapetraceError
from shapetrace.symbolic import form
from shapetrace.symbolic.form import Node

Exact = int | Fraction
"""A number without rounding."""

_LONGEST = 1 << 15  # sizes in a table
_FINEST = 1 << 12  # a float with a larger denominator rounds when it is multiplied


class UndecidableError(ShapetraceError):
    """A function is none of those that a table can say."""


@dataclass(frozen=True)
class Eventual:
    """A function of a size from 1 on.

    Attributes:
        values: What it is at the sizes 1, 2, 3, …; None where it is no number.
        steps: For the last of `values`, as many as there are steps: by how much it is more one period later.
    """

    values: tuple[Exact | None, ...]
    steps: tuple[Exact, ...]

    @property
    def period(self) -> int:
        """After how many sizes it goes on as before."""
        return len(self.steps)

    @property
    def start(self) -> int:
        """How many sizes come before the first that is followed by its like."""
        return len(self.values) - self.period

    def at(self, size: int) -> Exact | None:
        """What it is at a size."""
        if size <= len(self.values):
            return self.values[size - 1]
        later, place = divmod(size - 1 - self.start, self.period)
        value = self.values[self.start + place]
        return None if value is None else value + later * self.steps[place]

    def extended(self, start: int, period: int) -> Eventual:
        """The same function with a longer table.

        Args:
            start: No less than its own.
            period: A multiple of its own.

        Raises:
            UndecidableError: The table would be longer than is worked with.
        """
        if (start, period) == (self.start, self.period):
            return self
        if start + period > _LONGEST:
            raise UndecidableError(f"only a table of {start + period} sizes would show it")
        values = tuple(self.at(size) for size in range(1, start + period + 1))
        times, shift = period // self.period, start - self.start
        steps = tuple(self.steps[(place + shift) % self.period] * times for place in range(period))
        return Eventual(values, steps)


@dataclass(frozen=True)
class SizeSet:
    """A set of sizes from 1 on: whether each of the first is in it, the last `period` of which repeat for ever."""

    members: tuple[bool, ...]
    period: int

    def __contains__(self, size: int) -> bool:
        if size < 1:
            return False
        start = len(self.members) - self.period
        return self.members[size - 1 if size <= start else start + (size - 1 - start) % self.period]

    def __and__(self, other: SizeSet) -> SizeSet:
        start = max(len(self.members) - self.period, len(other.members) - other.period)
        period = lcm(self.period, other.period)
        if start + period > _LONGEST:
            raise UndecidableError(f"only a table of {start + period} sizes would show it")
        return SizeSet(tuple(size in self and size in other for size in range(1, start + period + 1)), period)

    @property
    def full(self) -> bool:
        """Whether every size is in it."""
        return all(self.members)


EVERY = SizeSet((True,), 1)


def constant(value: float | Fraction) -> Eventual:
    """The function that is the same at every size."""
    if isinstance(value, float):
        value = _exact(value)
    return Eventual((value,), (0,))


SIZE = Eventual((1,), (1,))
"""The size itself."""


def of(expression: str, variable: str, held: dict[str, int], tables: dict[Node, Eventual] | None = None) -> Eventual:
    """An expression as a function of one symbol.

    Args:
        expression: In the form of `shapetrace.symbolic`.
        variable: The symbol.
        held: The sizes of all others.
        tables: Parts that have been worked out for these arguments; more are added.

    Raises:
        UndecidableError: It is no function that a table can say.
    """
    return _of(form.parse(expression), variable, held, {} if tables is None else tables)


def zeros(function: Eventual) -> SizeSet:
    """The sizes at which a function is zero."""
    last = 0
    for value, step in _pattern(function):
        if value is not None and step != 0 and -value / Fraction(step) >= 0:
            last = max(last, int(-value / Fraction(step)) + 1)
    function = function.extended(function.start + last * function.period, function.period)
    pattern = tuple(value == 0 and step == 0 for value, step in _pattern(function))
    return SizeSet((*(value == 0 for value in function.values[: function.start]), *pattern), function.period)


def positive(function: Eventual) -> SizeSet:
    """The sizes at which a function is zero or more."""
    last = 0
    for value, step in _pattern(function):
        if value is not None and step != 0 and -value / Fraction(step) >= 0:
            last = max(last, ceil(-value / Fraction(step)) + 1)
    function = function.extended(function.start + last * function.period, function.period)
    pattern = tuple(value is not None and value >= 0 and step >= 0 for value, step in _pattern(function))
    before = (value is not None and value >= 0 for value in function.values[: function.start])
    return SizeSet((*before, *pattern), function.period)


def undefined(function: Eventual) -> SizeSet:
    """The sizes at which a function is no number."""
    return SizeSet(tuple(value is None for value in function.values), function.period)


def union(first: SizeSet, second: SizeSet) -> SizeSet:
    """The sizes that are in one of two sets."""
    start = max(len(first.members) - first.period, len(second.members) - second.period)
    period = lcm(first.period, second.period)
    if start + period > _LONGEST:
        raise UndecidableError(f"only a table of {start + period} sizes would show it")
    return SizeSet(tuple(size in first or size in second for size in range(1, start + period + 1)), period)


def complement(sizes: SizeSet) -> SizeSet:
    """The sizes that are not in a set."""
    return SizeSet(tuple(not member for member in sizes.members), sizes.period)


def difference(first: Eventual, second: Eventual) -> Eventual:
    """One function less another."""
    return _add(first, _scaled(second, -1))


def quotient(first: Eventual, second: Eventual) -> Eventual:
    """One function divided by another, rounded down."""
    return _divided(first, second)


def remainder(first: Eventual, second: Eventual) -> Eventual:
    """What is left of one function when it is divided by another."""
    return difference(first, _times(_divided(first, second), second))


def _pattern(function: Eventual) -> list[tuple[Exact | None, Exact]]:
    return list(zip(function.values[function.start :], function.steps, strict=True))


def _exact(number: float) -> Fraction:
    try:
        exact = Fraction(number)
    except (OverflowError, ValueError):
        raise UndecidableError(f"{number} is no number to compute with") from None
    if exact.denominator > _FINEST:
        raise UndecidableError(f"multiplying by {number} rounds")
    return exact


def _of(node: Node, variable: str, held: dict[str, int], tables: dict[Node, Eventual]) -> Eventual:
    if isinstance(node, str):
        if node != variable and node not in held:
            raise UndecidableError(f"nothing is known of {node}")
        return SIZE if node == variable else constant(held[node])
    if not isinstance(node, tuple):
        return constant(node)
    if node not in tables:
        function = _FUNCTIONS.get(str(node[0]))
        if function is None:
            raise UndecidableError(f"{node[0]} is no function that a table can say")
        tables[node] = function([_of(operand, variable, held, tables) for operand in node[1:]])
    return tables[node]


def _alike(first: Eventual, second: Eventual) -> tuple[Eventual, Eventual]:
    """Two functions with tables of the same length."""
    start, period = max(first.start, second.start), lcm(first.period, second.period)
    return first.extended(start, period), second.extended(start, period)


def _each(
    first: Eventual, second: Eventual, compute: Callable[[Exact, Exact], Exact | None]
) -> tuple[Exact | None, ...]:
    """What is computed of the values of two functions with tables of the same length."""
    return tuple(
        None if a is None or b is None else compute(a, b) for a, b in zip(first.values, second.values, strict=True)
    )


def _add(first: Eventual, second: Eventual) -> Eventual:
    first, second = _alike(first, second)
    steps = tuple(x + y for x, y in zip(first.steps, second.steps, strict=True))
    return Eventual(_each(first, second, lambda a, b: a + b), steps)


def _scaled(function: Eventual, factor: int) -> Eventual:
    return _times(function, constant(factor))


def _times(first: Eventual, second: Eventual) -> Eventual:
    first, second = _alike(first, second)
    steps: list[Exact] = []
    for (a, x), (b, y) in zip(_pattern(first), _pattern(second), strict=True):
        if x != 0 and y != 0:
            raise UndecidableError("it grows with the square of the size")
        steps.append(0 if a is None or b is None else a * y + b * x)
    return Eventual(_each(first, second, lambda a, b: a * b), tuple(steps))


def _divided(first: Eventual, second: Eventual) -> Eventual:
    first, second = _alike(first, second)
    if any(second.steps):
        return _divided_by_growing(first, second)
    pairs = list(zip(_pattern(first), _pattern(second), strict=True))
    times = lcm(*(Fraction(Fraction(x) / b).denominator for (_, x), (b, _) in pairs if b), 1)
    first, second = (operand.extended(first.start, first.period * times) for operand in (first, second))
    steps = tuple(
        Fraction(x) / b if b and a is not None else 0
        for (a, x), (b, _) in zip(_pattern(first), _pattern(second), strict=True)
    )
    values = _each(first, second, lambda a, b: a // b if b else None)
    return Eventual(values, tuple(int(step) for step in steps))


def _divided_by_growing(first: Eventual, second: Eventual) -> Eventual:
    """What one straight line holds of another comes to rest: where the rest of the way to its limit meets no integer."""
    last = 0
    for (a, x), (b, y) in zip(_pattern(first), _pattern(second), strict=True):
        if a is None or b is None or x == y == 0:
            continue
        if y == 0:
            raise UndecidableError("on some remainders it is divided by what grows with the size")
        limit, slope = Fraction(x) / Fraction(y), abs(Fraction(y))
        apart = min(limit % 1, 1 - limit % 1) if limit % 1 else Fraction(1)
        away = abs(Fraction(a) * Fraction(y) - Fraction(b) * Fraction(x))
        near = (away / (slope * apart) + abs(Fraction(b))) / slope
        last = max(last, int(near) + 1)
    start = first.start + last * first.period
    first, second = first.extended(start, first.period), second.extended(start, second.period)
    return Eventual(_each(first, second, lambda a, b: a // b if b else None), (0,) * first.period)


def _fraction(first: Eventual, second: Eventual) -> Eventual:
    """Division that does not round."""
    first, second = _alike(first, second)
    if any(second.steps):
        raise UndecidableError("it is divided by what grows with the size")
    steps = tuple(Fraction(x) / b if b else 0 for (_, x), (b, _) in zip(_pattern(first), _pattern(second), strict=True))
    return Eventual(_each(first, second, lambda a, b: Fraction(a) / b if b else None), steps)


def _greater(first: Eventual, second: Eventual) -> Eventual:
    first, second = _alike(first, second)
    last = 0
    for (a, x), (b, y) in zip(_pattern(first), _pattern(second), strict=True):
        if a is not None and b is not None and x != y:
            last = max(last, ceil(Fraction(b - a) / (x - y)) + 1)
    start = first.start + last * first.period
    first, second = first.extended(start, first.period), second.extended(start, second.period)
    steps = tuple(
        0 if a is None or b is None else max((a, x), (b, y))[1]
        for (a, x), (b, y) in zip(_pattern(first), _pattern(second), strict=True)
    )
    return Eventual(_each(first, second, max), steps)


def _broadcast(first: Eventual, second: Eventual) -> Eventual:
    """Equal sizes, or the other one of 1; no number elsewhere."""
    one = constant(1)
    equal, left, right = zeros(difference(first, second)), zeros(difference(first, one)), zeros(difference(second, one))
    lengths = [(len(zero_set.members) - zero_set.period, zero_set.period) for zero_set in (equal, left, right)]
    start = max(first.start, second.start, *(length for length, _ in lengths))
    period = lcm(first.period, second.period, *(period for _, period in lengths))
    first, second = first.extended(start, period), second.extended(start, period)
    values: list[Exact | None] = []
    steps: list[Exact] = []
    for size in range(1, start + period + 1):
        chosen = first if size in equal or size in right else second if size in left else None
        values.append(None if chosen is None else chosen.values[size - 1])
        if size > start:
            steps.append(0 if chosen is None else chosen.steps[size - 1 - start])
    return Eventual(tuple(values), tuple(steps))


def _negative(function: Eventual) -> Eventual:
    return _scaled(function, -1)


def _floor(function: Eventual) -> Eventual:
    return _divided(function, constant(1))


def _ceil(function: Eventual) -> Eventual:
    return _negative(_floor(_negative(function)))


def _smaller(first: Eventual, second: Eventual) -> Eventual:
    return _negative(_greater(_negative(first), _negative(second)))


def _truncated(function: Eventual) -> Eventual:
    nothing = constant(0)
    return _add(_floor(_greater(function, nothing)), _ceil(_smaller(function, nothing)))


_Function = Callable[[Sequence[Eventual]], Eventual]


def _many(function: Callable[[Eventual, Eventual], Eventual]) -> _Function:
    return lambda operands: reduce(function, operands)


def _one(function: Callable[[Eventual], Eventual]) -> _Function:
    return lambda operands: function(operands[0])


_FUNCTIONS: dict[str, _Function] = {
    "Add": _many(_add),
    "Sub": _many(difference),
    "Mul": _many(_times),
    "Div": _many(_divided),
    "Mod": _many(remainder),
    "TrueDiv": _many(_fraction),
    "Max": _many(_greater),
    "Min": _many(_smaller),
    "Broadcast": _many(_broadcast),
    "Neg": _one(_negative),
    "Abs": _one(lambda function: _greater(function, _negative(function))),
    "Float": _one(lambda function: function),
    "Floor": _one(_floor),
    "Ceil": _one(_ceil),
    "Int": _one(_truncated),
    "Trunc": _one(_truncated),
}
"""What each function of `shapetrace.symbolic` does to functions of a size."""
