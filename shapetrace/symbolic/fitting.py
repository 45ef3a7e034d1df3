"""Finds the expression of a dim from the sizes it had: what a symbolic pass would say, where there is none.

The table has one row for each time that shapes were inferred: the size of each symbol, and what the dim then was. An
expression is looked for among those that dims have, simple ones first: a constant, a symbol, polynomials (`8*B`,
`H*W + 1`), quotients that round (`(H + 2*p - k)//s + 1`, `H*W//4`), remainders, maxima. Its numbers are taken from some
rows and must then hold in all of them, those held back too. What fits none of these is not guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, prod

from shapetrace.symbolic import arithmetic, form
from shapetrace.symbolic.form import Node

HELD_BACK = 3
"""Rows that take no part in finding the numbers of an expression, and only test it."""

SPREAD = (1427, 274, 2241, 1280, 2559, 289, 1848, 2140, 1478, 2341)
"""Sizes that tell all roundings by divisors up to 8 apart, and rounding down from rounding up by those up to 64."""

_FEWEST = 2  # rows beside those held back, below which nothing but a constant is believed
_LARGEST = 1 << 20  # of a coefficient; larger ones come of fitting noise
_STRIDES = (*range(2, 65), 128, 256, 512, 1024)
_FACTORS = range(1, 9)  # of a symbol inside a quotient, as where an image is scaled by 3/2
_MOST_SYMBOLS = 8  # looked at together in a sum
_Row = tuple[int, ...]


def fit(samples: Sequence[Mapping[str, int]], values: Sequence[int]) -> str | None:
    """The expression that gives each value from the sizes in the same row.

    Args:
        samples: For each row the size of every symbol, the same symbols in each. All sizes are positive.
        values: For each row what the dim was.

    Returns:
        The expression in the form of `shapetrace.symbolic`, exact in all rows; None where none was found, or where the
        rows are too few to tell.
    """
    if not values or len(samples) != len(values):
        return None
    if len(set(values)) == 1:
        return form.digits(values[0])
    if len(values) < HELD_BACK + _FEWEST:
        return None
    names = sorted(samples[0])
    columns = {name: tuple(row[name] for row in samples) for name in names}
    varying = [name for name in names if len(set(columns[name])) > 1]
    wanted = tuple(values)
    for candidate in _candidates(varying, columns, wanted):
        if _holds(candidate, samples, wanted):
            return form.unparse(arithmetic.fold(candidate))
    return None


def _holds(node: Node, samples: Sequence[Mapping[str, int]], wanted: _Row) -> bool:
    try:
        return all(arithmetic.evaluate(node, row) == value for row, value in zip(samples, wanted, strict=True))
    except ValueError:
        return False


def _candidates(names: list[str], columns: Mapping[str, _Row], wanted: _Row) -> Iterator[Node]:
    """Expressions worth testing, simple ones first."""
    yield from (name for name in names if columns[name] == wanted)
    for basis in _bases(names, 1):
        yield from _polynomial(basis, columns, wanted)
    for name in names:
        yield from _rounded(name, columns[name], wanted)
    for count in (2, 3):
        for basis in _bases(names, count):
            yield from _polynomial(basis, columns, wanted)
    yield from _ratios(names, columns, wanted)
    yield from _chosen(names, columns, wanted)
    if 3 < len(names) <= _MOST_SYMBOLS:
        yield from _polynomial([(name,) for name in names], columns, wanted)
        yield from _polynomial([*((name,) for name in names), ()], columns, wanted)


# Polynomials

_Monomial = tuple[str, ...]


def _bases(names: list[str], count: int) -> Iterator[list[_Monomial]]:
    """Sets of monomials whose sums are tried, for each choice of `count` symbols."""
    for chosen in combinations(names, count):
        singles: list[_Monomial] = [(name,) for name in chosen]
        if count == 1:
            square = chosen * 2
            yield from ([*singles], [*singles, ()], [square], [square, *singles], [square, *singles, ()])
        elif count == 2:
            yield from ([chosen], singles, [*singles, ()], [chosen, ()], [chosen, singles[0]], [chosen, singles[1]])
            yield [chosen, *singles, ()]
        else:
            yield from ([chosen], singles, [*singles, ()])
            for single in singles:
                yield [tuple(name for name in chosen if (name,) != single), single]


def _polynomial(basis: list[_Monomial], columns: Mapping[str, _Row], wanted: _Row) -> Iterator[Node]:
    """The sum of the monomials that gives the values, over a common denominator if it has one."""
    fitted = len(wanted) - HELD_BACK
    if len(basis) > fitted:
        return
    rows = [[prod(columns[name][row] for name in monomial) for monomial in basis] for row in range(fitted)]
    solution = _solve(rows, wanted[:fitted])
    if solution is None:
        return
    below = 1
    for share in solution:
        below = below * share.denominator // gcd(below, share.denominator)
    numbers = [int(share * below) for share in solution]
    if below > _LARGEST or max(map(abs, numbers)) > _LARGEST:
        return
    if below > 1 and () in basis:  # it divides because the sizes were chosen so
        return
    terms = [_term(number, monomial) for number, monomial in zip(numbers, basis, strict=True) if number]
    if terms:
        total: Node = terms[0] if len(terms) == 1 else ("Add", *terms)
        yield total if below == 1 else ("Div", total, below)


def _term(number: int, monomial: _Monomial) -> Node:
    if not monomial:
        return number
    factors: list[Node] = [number, *monomial] if number != 1 else [*monomial]
    return factors[0] if len(factors) == 1 else ("Mul", *factors)


def _solve(rows: list[list[int]], wanted: Sequence[int]) -> list[Fraction] | None:
    """The one solution of linear equations, of which there may be more than unknowns; None if there is not just one."""
    matrix = [[Fraction(number) for number in (*row, value)] for row, value in zip(rows, wanted, strict=True)]
    unknowns = len(rows[0])
    for column in range(unknowns):
        pivot = next((row for row in range(column, len(matrix)) if matrix[row][column]), None)
        if pivot is None:
            return None
        matrix[column], matrix[pivot] = matrix[pivot], matrix[column]
        head = matrix[column][column]
        matrix[column] = [number / head for number in matrix[column]]
        for row in range(len(matrix)):
            factor = matrix[row][column]
            if row != column and factor:
                matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[column], strict=True)]
    if any(row[-1] for row in matrix[unknowns:]):
        return None
    return [matrix[row][-1] for row in range(unknowns)]


# Quotients and remainders


def _rounded(name: str, sizes: _Row, wanted: _Row) -> Iterator[Node]:
    """`k*((a*x + c)//d) + e` and `x % d`."""
    quotient = _quotient(name, sizes, wanted, _FACTORS)
    if quotient is not None:
        yield quotient
    step = gcd(*(value - wanted[0] for value in wanted))
    for below in {wanted[0] % step, wanted[0] % step - step} if step > 1 else ():
        inner = _quotient(name, sizes, tuple((value - below) // step for value in wanted), range(1, 2))
        if inner is not None:
            yield ("Add", ("Mul", step, inner), below) if below else ("Mul", step, inner)
    for divisor in _STRIDES:
        if max(wanted) < divisor and all(size % divisor == value for size, value in zip(sizes, wanted, strict=True)):
            yield ("Mod", name, divisor)


def _quotient(name: str, sizes: _Row, wanted: _Row, factors: range) -> Node | None:
    """`(a*x + c)//d` with the smallest divisor that fits; one that rounds down or up, if there is such a one."""
    low, high = sizes.index(min(sizes)), sizes.index(max(sizes))
    span, rise = sizes[high] - sizes[low], wanted[high] - wanted[low]
    unusual = None
    for divisor in _STRIDES:
        for factor in factors:
            if gcd(factor, divisor) != 1 or (divisor > 64 and factor > 1):
                continue
            if abs(factor * span - rise * divisor) >= divisor:  # the slope is another one
                continue
            shift = _shift(factor, divisor, sizes, wanted)
            if shift is not None:
                over = _term(factor, (name,))
                quotient: Node = ("Div", ("Add", over, shift) if shift else over, divisor)
                if shift in (0, divisor - 1):
                    return quotient
                unusual = unusual or quotient
    return unusual


def _shift(factor: int, divisor: int, sizes: _Row, wanted: _Row) -> int | None:
    """What to add before dividing; of several numbers that fit, that which rounds down or up, else none."""
    rows = list(zip(sizes, wanted, strict=True))
    least = max(value * divisor - factor * size for size, value in rows)
    most = min(value * divisor + divisor - 1 - factor * size for size, value in rows)
    if least > most:
        return None
    for usual in (0, divisor - 1):
        if least <= usual <= most:
            return usual
    return least if least == most else None


def _ratios(names: list[str], columns: Mapping[str, _Row], wanted: _Row) -> Iterator[Node]:
    """`x*y//z`, and `p*x*y//(q*z)` where that divides in every row."""
    for above in (1, 2, 3):
        for over in combinations(names, above):
            rest = [name for name in names if name not in over]
            for under in (*((name,) for name in rest), *combinations(rest, 2)):
                products = [
                    (prod(columns[name][row] for name in over), prod(columns[name][row] for name in under))
                    for row in range(len(wanted))
                ]
                yield ("Div", _term(1, over), _term(1, under))
                share = Fraction(wanted[0] * products[0][1], products[0][0])
                exact = all(value * b == share * a for value, (a, b) in zip(wanted, products, strict=True))
                if exact and share and max(abs(share.numerator), share.denominator) <= _LARGEST:
                    yield ("Div", _term(share.numerator, over), _term(share.denominator, under))


def _chosen(names: list[str], columns: Mapping[str, _Row], wanted: _Row) -> Iterator[Node]:
    """The larger or smaller of two symbols, or of a symbol and a number."""
    for pair in combinations(names, 2):
        yield from (("Max", *pair), ("Min", *pair))
    for name in names:
        if set(columns[name]) & set(wanted):
            yield from (("Max", name, min(wanted)), ("Min", name, max(wanted)))
