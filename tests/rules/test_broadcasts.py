"""An `expand` that keeps an axis at 1: an error, unless each op that takes the result broadcasts it to the dim that was meant."""

from __future__ import annotations

import pytest

from rules.leak import Leak


def expanded(
    *takers: tuple[str, str], operand: str = "1; 8", output: bool = False, line: int = 40
) -> list[tuple[str, str]]:
    """What is told of `table.expand([n, -1])`, whose result goes into ops, each with another operand of these dims."""
    leak = Leak("S0; 8")
    program = leak.program
    table = program.op("builtin.parameter", (), operand)
    program.line = line
    program.file = "/home/ann/net.py"
    result = program.op("pd_op.expand", (table,), operand)
    for op, dims in takers:
        program.op(op, (result, program.op("pd_op.relu", (leak.x,), dims)), dims)
    if output:
        program.conversion.outputs = (result,)
    shape = program.conversion.values[table].shape
    leak.used("op", leak.n, op="expand", argument="shape", index=0, arguments=("-1", "-1"), operand=shape, tensor=table)
    return leak.told("ST103")


@pytest.mark.parametrize("op", ["pd_op.add", "pd_op.multiply"])
def test_a_broadcast_makes_up_for_it(op: str) -> None:
    assert expanded((op, "S0; 8")) == [("ST103", "note")]


@pytest.mark.parametrize(
    "takers",
    [
        (),
        (("pd_op.concat", "S0; 8"),),
        (("pd_op.add", "S1; 8"),),
        (("pd_op.add", "1; 8"),),
        (("pd_op.add", "8"),),
        (("pd_op.add", "S0; 8"), ("pd_op.concat", "S0; 8")),
    ],
)
def test_nothing_else_does(takers: tuple[tuple[str, str], ...]) -> None:
    assert expanded(*takers) == [("ST103", "error")]


def test_an_output_is_seen_as_it_is() -> None:
    assert expanded(("pd_op.add", "S0; 8"), output=True) == [("ST103", "error")]


def test_another_expand_of_the_same_tensor_is_not_it() -> None:
    assert expanded(("pd_op.add", "S0; 8"), line=41) == [("ST103", "error")]


@pytest.mark.parametrize(
    ("operand", "told"),
    [
        ("1; 8", [("ST103", "error")]),
        ("Min(S0, 1); 8", [("ST103", "error")]),  # x[:1], which Paddle calls unknown
        ("Min(S0, 2); 8", []),
        ("S0; 8", []),
    ],
)
def test_the_operand_has_one_there_where_its_symbolic_shape_says_so(operand: str, told: list[tuple[str, str]]) -> None:
    assert expanded(operand=operand) == told
