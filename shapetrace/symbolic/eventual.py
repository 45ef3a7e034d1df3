"""Expressions in one symbol, known at every size: a table of the first values, and the period and steps by which it goes on.

The dims of a program are made of sums, products, divisions that round, maxima and the like. As a function of one size, with all
others held, such a dim is a polynomial on each remainder of some period, from some size on: nearly always a straight line. So a table of
the sizes up to there and of one period more says what it is at *every* size, and what two such functions have in common can be told for all of them.

Numbers are exact: integers, and fractions where Python divided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from math import ceil, comb, lcm

from shapetrace.errors import ShapetraceError
from shapetrace.symbolic import form
from shapetrace.symbolic.form import Node

Exact = int | Fraction
"""A number without rounding."""

_LONGEST = 1 << 15  # sizes in a table
_FINEST = 1 << 12  # a float with a larger denominator rounds when it is multiplied
_HIGHEST = 4  # power of the size

Steps = tuple[Exact, ...]
"""How a number goes on: what it grows by with the number of periods, with the square of that, and so on; the last is not 0."""


class UndecidableError(ShapetraceError):
    """A function is none of those that a table can say."""


@dataclass(frozen=True)
class Eventual:
    """A function of a size from 1 on.

    Attributes:
        values: What it is at the sizes 1, 2, 3, …; None where it is no number.
        steps: For the last of `values`, as many as there are steps: by how much it is more some periods later.
    """

    values: tuple[Exact | None, ...]
    steps: tuple[Steps, ...]

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
        return None if value is None else _at((value, *self.steps[place]), later)

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
        steps = []
        for place in range(shift, shift + period):
            later, first = divmod(place, self.period)
            steps.append(_from(self.steps[first], later, times))
        return Eventual(values, tuple(steps))


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
        if not isinstance(other, SizeSet):
            return NotImplemented
        start = max(len(self.members) - self.period, len(other.members) - other.period)
        period = lcm(self.period, other.period)
        if start + period > _LONGEST:
            raise UndecidableError(f"only a table of {start + period} sizes would show it")
        return SizeSet(tuple(size in self and size in other for size in range(1, start + period + 1)), period)

    @property
    def full(self) -> bool:
        """Whether every size is in it."""
        return all(self.members)

    @property
    def endless(self) -> bool:
        """Whether there is no largest one."""
        return any(self.members[-self.period :])

    def first(self, many: int) -> list[int]:
        """The first of them, or fewer where they are far apart."""
        return [size for size in range(1, len(self.members) + self.period) if size in self][:many]


EVERY = SizeSet((True,), 1)


def constant(value: float | Fraction) -> Eventual:
    """The function that is the same at every size."""
    if isinstance(value, float):
        value = _exact(value)
    return Eventual((value,), ((),))


SIZE = Eventual((1,), ((1,),))
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
    function = _beyond(function, *(line for line in _lines(function) if line))
    pattern = tuple(line is not None and not any(line) for line in _lines(function))
    return SizeSet((*(value == 0 for value in function.values[: function.start]), *pattern), function.period)


def positive(function: Eventual) -> SizeSet:
    """The sizes at which a function is zero or more."""
    function = _beyond(function, *(line for line in _lines(function) if line))
    return SizeSet(tuple(value is not None and value >= 0 for value in function.values), function.period)


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


_Line = tuple[Exact, ...]
"""A polynomial in the number of periods: a number, and its steps."""


def _lines(function: Eventual) -> list[_Line | None]:
    """What a function is on each remainder; None where it is no number."""
    values = function.values[function.start :]
    return [
        None if value is None else _trimmed((value, *steps))
        for value, steps in zip(values, function.steps, strict=True)
    ]


def _at(line: _Line, later: int) -> Exact:
    """A polynomial some periods later."""
    found: Exact = 0
    for number in reversed(line):
        found = found * later + number
    return found


def _from(steps: Steps, later: int, times: int) -> Steps:
    """The steps of what begins some periods later, and has so many times the period."""
    if not later and times == 1:
        return steps
    found = [
        sum(comb(high, low) * step * later ** (high - low) for high, step in enumerate(steps, 1) if high >= low)
        * times**low
        for low in range(1, len(steps) + 1)
    ]
    return tuple(found)


def _trimmed(line: Sequence[Exact]) -> _Line:
    """A polynomial without powers that it does not have."""
    found = list(line)
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _sum(first: _Line, second: _Line, factor: int = 1) -> _Line:
    longer = max(len(first), len(second))
    padded = ((*line, *(0,) * (longer - len(line))) for line in (first, second))
    return _trimmed([a + factor * b for a, b in zip(*padded, strict=True)])


def _product(first: _Line, second: _Line) -> _Line:
    if not first or not second:
        return ()
    found: list[Exact] = [0] * (len(first) + len(second) - 1)
    for place, a in enumerate(first):
        for other, b in enumerate(second):
            found[place + other] += a * b
    return _trimmed(found)


def _long_division(first: _Line, second: _Line) -> tuple[_Line, _Line]:
    """The quotient of two polynomials, and what is left, of a lower power than the second."""
    quotient: _Line = ()
    left = first
    while len(left) >= len(second):
        part: _Line = (*(Fraction(),) * (len(left) - len(second)), Fraction(left[-1]) / second[-1])
        quotient = _sum(quotient, part)
        left = _trimmed(_sum(left, _product(part, second), -1)[: len(left) - 1])
    return quotient, left


def _last_zero(line: _Line) -> int:
    """A number of periods from which on a polynomial is not zero, and does not change its sign (Fujiwara's bound of its roots)."""
    line = _trimmed(line)
    if len(line) == 2:
        root = -Fraction(line[0]) / line[1]
        return int(root) + 1 if root >= 0 else 0
    bounds = (abs(float(Fraction(number) / line[-1])) ** (1 / back) for back, number in enumerate(line[-2::-1], 1))
    return ceil(2 * max(bounds, default=0)) + 1 if len(line) > 1 else 0


def _beyond(function: Eventual, *lines: _Line) -> Eventual:
    """A function with a table that goes on until none of some polynomials changes its sign any more."""
    last = max(map(_last_zero, lines), default=0)
    return function.extended(function.start + last * function.period, function.period)


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
    steps = tuple(x if not y else y if not x else _sum(x, y) for x, y in zip(first.steps, second.steps, strict=True))
    return Eventual(_each(first, second, lambda a, b: a + b), steps)


def _scaled(function: Eventual, factor: int) -> Eventual:
    return _times(function, constant(factor))


def _times(first: Eventual, second: Eventual) -> Eventual:
    first, second = _alike(first, second)
    steps: list[Steps] = []
    for one, other in zip(_lines(first), _lines(second), strict=True):
        line = () if one is None or other is None else _product(one, other)
        if len(line) > _HIGHEST + 1:
            raise UndecidableError(f"it grows with a higher power of the size than {_HIGHEST}")
        steps.append(line[1:])
    return Eventual(_each(first, second, lambda a, b: a * b), tuple(steps))


def _divided(first: Eventual, second: Eventual) -> Eventual:
    """Rounded down. On each remainder that is a polynomial, once what is left of the division is too small to reach the next integer."""
    first, second = _alike(first, second)
    last, times = 0, 1
    for one, other in zip(_lines(first), _lines(second), strict=True):
        if one and other:
            quotient, left = _long_division(one, other)
            finest = lcm(*(Fraction(number).denominator for number in quotient))
            smaller = _sum(_product(other, other), _product(left, left), -finest * finest) if len(other) > 1 else ()
            last, times = max(last, _last_zero(smaller), _last_zero(left)), lcm(times, finest)
    start, period = first.start + last * first.period, first.period * times
    first, second = first.extended(start, period), second.extended(start, period)
    steps: list[Steps] = [
        tuple(
            number if number.denominator > 1 else int(number)
            for number in map(Fraction, _long_division(one, other)[0][1:])
        )
        if one and other
        else ()
        for one, other in zip(_lines(first), _lines(second), strict=True)
    ]
    return Eventual(_each(first, second, lambda a, b: a // b if b else None), tuple(steps))


def _fraction(first: Eventual, second: Eventual) -> Eventual:
    """Division that does not round."""
    first, second = _alike(first, second)
    if any(second.steps):
        raise UndecidableError("it is divided by what grows with the size")
    steps: list[Steps] = [
        tuple(Fraction(x) / line[0] for x in steps) if line else ()
        for steps, line in zip(first.steps, _lines(second), strict=True)
    ]
    return Eventual(_each(first, second, lambda a, b: Fraction(a) / b if b else None), tuple(steps))


def _greater(first: Eventual, second: Eventual) -> Eventual:
    first, second = _alike(first, second)
    pairs = zip(_lines(first), _lines(second), strict=True)
    apart = [_sum(one, other, -1) for one, other in pairs if one is not None and other is not None]
    first, second = _beyond(first, *apart), _beyond(second, *apart)
    steps = tuple(
        () if a is None or b is None else x if a >= b else y
        for a, b, x, y in zip(
            first.values[first.start :], second.values[second.start :], first.steps, second.steps, strict=True
        )
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
    sizes = range(1, start + period + 1)
    return _picked(
        [first if size in equal or size in right else second if size in left else None for size in sizes], start
    )


def _chosen(where: Callable[[Eventual], SizeSet], operands: Sequence[Eventual]) -> Eventual:
    """One function or another, by what two others are."""
    left, right, first, second = operands
    apart = difference(left, right)
    so, known = where(apart), complement(undefined(apart))
    lengths = [(len(sizes.members) - sizes.period, sizes.period) for sizes in (so, known)]
    start = max(first.start, second.start, *(length for length, _ in lengths))
    period = lcm(first.period, second.period, *(period for _, period in lengths))
    first, second = first.extended(start, period), second.extended(start, period)
    sizes = range(1, start + period + 1)
    return _picked([(first if size in so else second) if size in known else None for size in sizes], start)


def _picked(chosen: Sequence[Eventual | None], start: int) -> Eventual:
    """At each size what another function is that begins there, of those with tables of the same length."""
    values = tuple(None if function is None else function.values[place] for place, function in enumerate(chosen))
    steps = tuple(() if function is None else function.steps[place] for place, function in enumerate(chosen[start:]))
    return Eventual(values, steps)


def _power(function: Eventual, exponent: Eventual) -> Eventual:
    number = exponent.values[0]
    if len(exponent.values) > 1 or any(exponent.steps) or not isinstance(number, int) or not 0 < number <= _HIGHEST:
        raise UndecidableError("it takes a root, or a power that depends on a size")
    return reduce(_times, [function] * number)


def _rooted(operands: Sequence[Eventual]) -> Eventual:
    raise UndecidableError("it takes a square root")


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
    "IfEqual": partial(_chosen, zeros),
    "IfLeast": partial(_chosen, positive),
    "Pow": _many(_power),
    "Root": _rooted,
    "Neg": _one(_negative),
    "Abs": _one(lambda function: _greater(function, _negative(function))),
    "Float": _one(lambda function: function),
    "Floor": _one(_floor),
    "Ceil": _one(_ceil),
    "Int": _one(_truncated),
    "Trunc": _one(_truncated),
}
"""What each function of `shapetrace.symbolic` does to functions of a size."""
