"""The ops and functions that `facts/` names are there in Paddle, under these names."""

from __future__ import annotations

import pytest

from shapetrace.facts import axes, operators, ops
from versions import LEGACY

pytestmark = pytest.mark.paddle


def named() -> set[str]:
    """All ops of the dialect `pd_op` that are named, but for those that are written for `builtin` and control flow."""
    full = {*ops.SHAPES, *ops.NUMBERS, *ops.HANDING_ON, *ops.OF_ONE_NUMBER, *ops.MAKERS, *axes.LOOKUPS, ops.DATA}
    full |= {name for name, _ in ops.WORKSPACES}
    without = {*ops.ELEMENTWISE, *ops.PRODUCTS, *ops.SPLITS, *axes.JOINING}
    return without | {ops.bare(name) for name in full if not name.startswith("builtin.")}


@pytest.mark.skipif(LEGACY, reason="these are the names of 3.x; those of 2.6 are in legacy_ops.py")
def test_paddle_has_each_op() -> None:
    import paddle

    assert [name for name in sorted(named()) if not hasattr(paddle._C_ops, name)] == []


def test_paddle_has_each_function_and_method() -> None:
    import paddle

    for operator in (*operators.ARITHMETIC, *operators.COMPARISONS, operators.MATMUL):
        assert hasattr(paddle, operator.function)
        assert hasattr(paddle.Tensor, f"__{operator.method}__")
    assert all(hasattr(paddle, name) for name in ("reshape", "view", *ops.EXPANDS, *axes.ONE_MORE))


@pytest.mark.parametrize("operator", [*operators.ARITHMETIC, *operators.COMPARISONS], ids=lambda given: given.op)
def test_an_operator_between_numbers_works_on_elements(operator: operators.Operator) -> None:
    assert operator.op in ops.ELEMENTWISE
