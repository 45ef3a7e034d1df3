"""Fitting: expressions found again from the sizes they gave, and nothing made up where there is no expression."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetrace import symbolic
from shapetrace.symbolic import fitting

SIZES = fitting.SPREAD
ROWS = [{"B": SIZES[i], "H": SIZES[(3 * i + 3) % 10], "W": SIZES[(7 * i + 1) % 10]} for i in range(10)]
FRESH = [
    {"B": 1, "H": 480, "W": 640},
    {"B": 2, "H": 333, "W": 500},
    {"B": 16, "H": 1081, "W": 1919},
    {"B": 7, "H": 64, "W": 65},
    {"B": 3, "H": 96, "W": 127},
]
"""Sizes that no fit has seen, smaller and larger ones."""
exactly = settings(derandomize=True, deadline=None, max_examples=60)


def at(expression: str, rows: list[dict[str, int]]) -> list[int]:
    return [symbolic.evaluate(expression, row) for row in rows]


def refit(expression: str) -> str | None:
    """What is found for the sizes that an expression gives."""
    return fitting.fit(ROWS, at(expression, ROWS))


@pytest.mark.parametrize(
    "expression",
    [
        "7",
        "0",
        "H",
        "Mul(B, 8)",
        "Add(H, -4)",
        "Add(Mul(H, 2), 3)",
        "Mul(H, H)",
        "Mul(H, W)",
        "Mul(8, H, W)",
        "Mul(B, H, W)",
        "Add(H, W)",
        "Add(B, H, W, 1)",
        "Add(Mul(H, W), 1)",
        "Add(Mul(H, W), B)",
        "Mul(Add(H, 1), Add(W, 1))",
        "Div(H, 32)",
        "Div(Add(H, 31), 32)",
        "Add(Div(Add(H, -1), 2), 1)",
        "Div(Add(H, -7), 4)",
        "Mul(Div(H, 32), 32)",
        "Add(Mul(2, Div(Add(H, 1), 2)), -1)",
        "Div(Mul(H, 3), 2)",
        "Div(Mul(H, W), B)",
        "Mod(H, 32)",
        "Max(H, W)",
        "Min(H, 300)",
        "Max(W, 300)",
    ],
)
def test_an_expression_is_found_again(expression: str) -> None:
    found = refit(expression)
    assert found is not None
    assert at(found, FRESH) == at(expression, FRESH)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("Mul(B, 8)", "8*B"),
        ("Add(Div(Add(H, -1), 2), 1)", "(H + 1)//2"),
        ("Div(H, 32)", "H//32"),
        ("Mul(Div(H, 32), 32)", "32*(H//32)"),
        ("Mul(H, W)", "H*W"),
        ("Min(H, 300)", "min(H, 300)"),
    ],
)
def test_it_is_written_in_its_simplest_form(expression: str, printed: str) -> None:
    found = refit(expression)
    assert found is not None
    assert symbolic.text(found) == printed


@exactly
@given(kernel=st.integers(1, 11), stride=st.integers(1, 8), padding=st.integers(0, 5), dilation=st.integers(1, 3))
def test_what_a_convolution_makes_of_a_size(kernel: int, stride: int, padding: int, dilation: int) -> None:
    reach = dilation * (kernel - 1) + 1
    expression = f"Add(Div(Add(H, {2 * padding - reach}), {stride}), 1)"
    found = refit(expression)
    assert found is not None
    assert at(found, FRESH) == at(expression, FRESH)


@exactly
@given(numbers=st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9), st.integers(-99, 99)))
def test_sums_of_symbols(numbers: tuple[int, int, int, int]) -> None:
    b, h, w, constant = numbers
    expression = f"Add(Mul({b}, B), Mul({h}, H), Mul({w}, W), {constant})"
    found = refit(expression)
    assert found is not None
    assert at(found, FRESH) == at(expression, FRESH)


@exactly
@given(values=st.lists(st.integers(0, 10_000), min_size=10, max_size=10, unique=True))
def test_noise_is_not_fitted(values: list[int]) -> None:
    found = fitting.fit(ROWS, values)
    assert found is None or at(found, ROWS) == values


@pytest.mark.parametrize("expression", ["Mod(Mul(H, W), 7)", "Mul(Mod(H, 5), Mod(W, 5))", "Xor(H, W)"])
def test_what_has_no_simple_expression_is_left_unknown(expression: str) -> None:
    assert refit(expression) is None


def test_one_row_that_contradicts_is_enough() -> None:
    for row in range(len(ROWS)):  # the rows held back among them
        values = at("Mul(B, 8)", ROWS)
        values[row] += 1
        assert fitting.fit(ROWS, values) is None


def test_a_shift_that_the_sizes_do_not_settle_is_left_unknown() -> None:
    rows = [{"H": 2 * size} for size in SIZES]  # none of them tells 4 from 5 before dividing by 8
    assert fitting.fit(rows, [(row["H"] + 4) // 8 for row in rows]) is None


def test_few_rows_prove_nothing_but_a_constant() -> None:
    assert fitting.fit(ROWS[:4], at("H", ROWS[:4])) is None
    assert fitting.fit(ROWS[:4], [5] * 4) == "5"
    assert fitting.fit([], []) is None


def test_symbols_that_never_change_explain_nothing() -> None:
    rows = [{**row, "fixed": 3} for row in ROWS]
    assert fitting.fit(rows, [3 * row["H"] for row in rows]) == "Mul(H, 3)"


def test_many_symbols_can_be_a_sum() -> None:
    rows = [{f"x{j}": SIZES[(i * (1, 3, 7, 9)[j % 4] + j) % 10] for j in range(5)} for i in range(10)]
    found = fitting.fit(rows, [sum(row.values()) for row in rows])
    assert found is not None
    assert symbolic.equal(found, "Add(x0, x1, x2, x3, x4)")


def test_sizes_that_must_divide_are_fitted_where_they_do() -> None:
    rows = [{"H": 64 * n} for n in range(3, 15)]
    assert fitting.fit(rows, [row["H"] // 32 for row in rows]) == "Div(H, 32)"
    rows = [{"H": 8 * n, "W": n * n + 1, "B": (1, 2, 4)[n % 3]} for n in range(3, 15)]
    found = fitting.fit(rows, [3 * row["H"] * row["W"] // (2 * row["B"]) for row in rows])
    assert found is not None and symbolic.equal(found, "Div(Mul(3, H, W), Mul(2, B))")
