"""Whether two dims are the same at every size."""

from __future__ import annotations

import pytest

from shapetrace import symbolic
from shapetrace.sizes import sameness
from shapetrace.sizes.deriving import Derivation
from sizes_traces import halved, pyramid

SAME = [
    ("Mul(S0, 8, 32)", "Mul(Mul(S0, 256), 1)"),
    ("Mul(S1, 256, Mul(S0, 4))", "Mul(Mul(S1, 8), 32, S0, 4)"),
    (f"Mul({halved('S0')}, {halved('S1')})", "Mul(Div(Add(S1, 1), 2), Div(Add(S0, 1), 2))"),
    (f"Mul({halved(halved('S0'))}, S1)", "Mul(S1, Div(Add(S0, 3), 4))"),
    ("Div(Mul(S0, S1, 16), 64)", "Div(Mul(S1, 16, S0), 64)"),
]
OTHER = [
    ("Mul(S0, S1)", "400"),
    (f"Mul({halved('S0')}, 2)", "S0"),
    ("Mul(Div(S0, 1000), S1)", "Mul(Div(S0, 1001), S1)"),
    ("Mul(Max(S0, 90), S1)", "Mul(Max(S0, 89), S1)"),
    ("Div(Mul(S0, S1), 999999)", "0"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_what_is_the_same(left: str, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symbolic, "equal", lambda *_: pytest.fail("it is simplified"))
    assert sameness.same(left, right)


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_what_differs_at_some_size(left: str, right: str) -> None:
    assert not sameness.same(left, right)


def test_what_no_table_tells_is_simplified() -> None:
    assert sameness.same("Broadcast(S0, S1)", "Broadcast(S1, S0)")
    assert sameness.same("Mul(S0, S0)", "Mul(S0, S0, 1)")
    assert sameness.same("Add(Mul(S0, S1), Mul(S0, 2))", "Mul(S0, Add(S1, 2))")


def test_it_agrees_with_simplifying() -> None:
    for demand in Derivation(pyramid(4), 0).demands:
        assert sameness.same(demand.left, demand.right) == symbolic.equal(demand.left, demand.right)


@pytest.mark.parametrize(
    ("dim", "short"),
    [
        ("Max(Min(Add(S1, Mod(Mul(S1, -1), 4)), S1), 0)", "S1"),
        ("Broadcast(S0, Div(Mul(S0, S1), S1))", "S0"),
        ("Div(Mul(Add(S1, Mod(Mul(S1, -1), 4)), S0), Mul(Div(Add(S1, 3), 4), 4))", "S0"),
        ("Add(Div(Mul(S0, 3), Mul(3, S0)), S1)", "Add(1, S1)"),
        ("Div(Mul(S0, 3), 2)", "Div(Mul(S0, 3), 2)"),
        ("Min(S0, S1)", "Min(S0, S1)"),
    ],
)
def test_a_dim_without_what_is_undone_again(dim: str, short: str) -> None:
    assert sameness.shortened(dim) == short
