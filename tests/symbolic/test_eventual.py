"""A function of a size, as a table that goes on: against plain evaluation, far beyond its table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetrace import symbolic
from shapetrace.symbolic import eventual


def expressions() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["S0", "S1", "1", "2", "3", "7", "-1", "8"])
    numbers = st.integers(1, 8).map(str)

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pairs = st.tuples(st.sampled_from(["Add", "Sub", "Mul", "Max", "Min", "Broadcast", "Div"]), inner, inner)
        by_number = st.tuples(st.sampled_from(["Div", "Mod", "Mul", "Pow"]), inner, st.one_of(numbers, st.just("2")))
        choices = st.tuples(st.sampled_from(["IfEqual", "IfLeast"]), inner, inner, inner, inner)
        return st.one_of(pairs, by_number, choices).map(lambda parts: f"{parts[0]}({', '.join(parts[1:])})")

    return st.recursive(leaves, grown, max_leaves=8)


def plainly(expression: str, size: int) -> int | None:
    try:
        return symbolic.evaluate(expression, {"S0": size, "S1": 5})
    except ValueError:
        return None


@settings(max_examples=60, deadline=None)
@given(expressions())
def test_it_is_what_evaluation_gives_at_every_size(expression: str) -> None:
    try:
        function = eventual.of(expression, "S0", {"S1": 5})
    except eventual.UndecidableError:
        return
    beyond = len(function.values)
    for size in [*range(1, 60), *range(beyond, beyond + 40), 10_007, 65_536]:
        assert function.at(size) == plainly(expression, size), size


@settings(max_examples=60, deadline=None)
@given(expressions(), expressions())
def test_where_two_are_equal_and_where_one_is_no_less(left: str, right: str) -> None:
    try:
        apart = eventual.difference(eventual.of(left, "S0", {"S1": 5}), eventual.of(right, "S0", {"S1": 5}))
        equal, no_less = eventual.zeros(apart), eventual.positive(apart)
    except eventual.UndecidableError:
        return
    for size in [*range(1, 60), *range(len(equal.members), len(equal.members) + 40), 10_007]:
        a, b = plainly(left, size), plainly(right, size)
        assert (size in equal) == (a is not None and a == b)
        assert (size in no_less) == (a is not None and b is not None and a >= b)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("Pow(S0, 5)", "root, or a power"),
        ("Mul(Pow(S0, 3), Pow(S0, 2))", "higher power"),
        ("Root(S0)", "square root"),
        ("TrueDiv(8, S0)", "divided by what grows"),
        ("S7", "nothing is known of S7"),
        ("Mul(S0, 0.1)", "rounds"),
        ("Mod(Mul(S0, 4093), 65521)", "a table of"),
    ],
)
def test_what_no_table_can_say_is_not_guessed(expression: str, why: str) -> None:
    with pytest.raises(eventual.UndecidableError, match=why):
        eventual.of(expression, "S0", {})


def test_how_many_windows_a_map_is_divided_into() -> None:
    """As `reshape([-1, h // 7, 7, w // 7, 7, c])` makes of a map: what is in all windows is divided by what is in those that are whole."""
    expression = "Div(Mul(S0, 96), Mul(49, Div(S0, 7), 13))"
    function = eventual.of(expression, "S0", {})
    for size in [*range(1, 500), 10_007]:
        assert function.at(size) == plainly(expression, size)


@pytest.mark.parametrize(
    "expression",
    [
        "Div(Mul(S0, Add(S0, -1)), 2)",
        "Mod(Mul(S0, S0), 12)",
        "Div(Mul(S0, S0, 96), Mul(S0, 7))",
        "Div(Add(Mul(S0, S0), 1), S0)",
        "Div(S0, Max(Mul(S0, Mod(S0, 2)), 3))",
        "Min(Mul(S0, S0), Mul(S0, 900))",
        "IfEqual(Mod(S0, 4), 0, S0, Add(S0, 4, Mul(Mod(S0, 4), -1)))",
    ],
)
def test_squares_and_what_an_if_gives(expression: str) -> None:
    function = eventual.of(expression, "S0", {})
    for size in [*range(1, 1500), 10_007, 65_536]:
        assert function.at(size) == plainly(expression, size)


def test_where_a_square_is_as_large_as_a_number() -> None:
    apart = eventual.of("Sub(640000, Mul(S0, S0))", "S0", {})
    assert [size in eventual.positive(apart) for size in (1, 799, 800, 801, 90_000)] == [True, True, True, False, False]
    assert [size in eventual.zeros(apart) for size in (1, 799, 800, 801, 90_000)] == [False, False, True, False, False]


def test_where_a_function_is_no_number() -> None:
    nowhere = eventual.undefined(eventual.of("Broadcast(S0, 4)", "S0", {}))
    assert [size in nowhere for size in (1, 2, 4, 5, 1000)] == [False, True, False, True, True]


def test_floats_that_do_not_round() -> None:
    function = eventual.of("Int(Mul(S0, 1.5))", "S0", {})
    assert [function.at(size) for size in (1, 2, 3, 1001)] == [1, 3, 4, 1501]
