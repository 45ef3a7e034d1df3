"""The ops that take every size are ops of Paddle's, and are told once."""

from __future__ import annotations

from itertools import combinations

import pytest

from shapetrace.facts import free_ops
from versions import LEGACY

KINDS = {
    "element by element": free_ops.ELEMENT_BY_ELEMENT,
    "over an axis": free_ops.OVER_AN_AXIS,
    "moving": free_ops.MOVING,
    "of no operand": free_ops.OF_NO_OPERAND,
    "windowed": free_ops.WINDOWED,
    "resizes": free_ops.RESIZES,
    "normalizing": free_ops.NORMALIZING,
}
OF_PROGRAMS = {"feed", "shadow_output"}
"""Ops that no function of `paddle._C_ops` makes under this name."""


@pytest.mark.parametrize(("one", "other"), list(combinations(KINDS, 2)))
def test_an_op_is_of_one_kind(one: str, other: str) -> None:
    assert KINDS[one] & KINDS[other] == set()


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="the names are those of Paddle 3")
def test_they_are_ops_of_paddles() -> None:
    from paddle import _C_ops

    known = set(dir(_C_ops))
    named = {name for kind in KINDS.values() for name in kind}
    assert {name for name in named if not {name, f"{name}_"} & known} - OF_PROGRAMS == set()
