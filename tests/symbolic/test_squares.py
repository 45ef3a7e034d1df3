"""Sets of sizes that are so much more than a square: what they have in common with others, and their first."""

from __future__ import annotations

from itertools import product

import pytest

from shapetrace.symbolic import eventual
from shapetrace.symbolic.eventual import EVERY, SizeSet, UndecidableError
from shapetrace.symbolic.squares import Squares, is_square

EVEN = eventual.zeros(eventual.of("Mod(S0, 2)", "S0", {}))
TWO_OF_FOUR = eventual.zeros(eventual.of("Mod(Add(S0, 2), 4)", "S0", {}))
FROM_TEN = eventual.positive(eventual.of("Add(S0, -10)", "S0", {}))
FEW = eventual.positive(eventual.of("Add(30, Mul(S0, -1))", "S0", {}))
SETS = [EVERY, EVEN, TWO_OF_FOUR, FROM_TEN, FEW, Squares(EVERY), Squares(EVEN), Squares(FROM_TEN)]


def members(sizes: SizeSet | Squares) -> list[int]:
    return [size for size in range(1, 500) if size in sizes]


@pytest.mark.parametrize(("one", "other"), [*product(SETS, SETS)])
def test_what_two_sets_have_in_common(one: SizeSet | Squares, other: SizeSet | Squares) -> None:
    assert members(one & other) == sorted({*members(one)} & {*members(other)})


@pytest.mark.parametrize("more", [-3, -1, 0, 1, 2, 7])
def test_its_members_are_so_much_more_than_a_square(more: int) -> None:
    sizes = Squares(EVERY, more)
    assert members(sizes) == sorted(root * root + more for root in range(40) if 0 < root * root + more < 500)
    assert sizes.first(3) == members(sizes)[:3]


def test_the_first_where_there_is_none() -> None:
    assert Squares(TWO_OF_FOUR).first(3) == []


def test_two_kinds_of_squares_are_not_decided() -> None:
    with pytest.raises(UndecidableError):
        Squares(EVERY) & Squares(EVERY, 1)


def test_a_number_below_zero_is_no_square() -> None:
    assert [number for number in range(-4, 10) if is_square(number)] == [0, 1, 4, 9]
