"""The statement that an `if` or a loop is told at."""

from __future__ import annotations

import pytest

from example_traces import Program
from shapetrace import Trace
from shapetrace.trace import Site
from shapetrace.verify import blocks

CODE = {
    10: "if self.use:",
    11: "if x.sum() > 0:",
    12: "x = self.block(x)",
    13: "if self.deep:",
    14: "for layer in self.layers:",
    15: "x = layer(x)",
    16: "for turn in range(x.shape[0]):",
    17: "x = x + 1",
    18: "enough = x.sum() > 0",
    19: "if enough:",
    20: "if self.enough(x):",
    21: "return x.sum() > 0",
    22: "return self.block(x) if x.sum() > 0 else x",
    23: "elif x.sum() > 1:",
}
Way = tuple[int, ...]


def program(kind: str, condition: Way, *inside: Way) -> tuple[Program, int]:
    """A program of one `if` or loop, of which the ops within, and what makes its condition, were reached over these lines."""
    made = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    made.trace.sites += [Site("/home/ann/net.py", line, code=code) for line, code in CODE.items()]
    places = {site.line: number for number, site in enumerate(made.trace.sites)}
    x = made.input("x", "S0; 4")
    asked = made.op("pd_op.greater_than", (x,), "")
    block = made.conversion.values[made.op(kind, (asked,), "S0; 4")].op
    made.parent = block
    ops = [made.conversion.values[made.op("pd_op.exp", (x,), "S0; 4")].op for _ in inside]
    of_asked = made.conversion.values[asked].op
    for op, way in zip((of_asked, block, *ops), (condition, (), *inside), strict=True):
        made.conversion.ops[op].stack = tuple(places[line] for line in way)
    return made, block


@pytest.mark.parametrize(
    ("kind", "condition", "inside", "line"),
    [
        pytest.param("if", (11,), [(11, 12, 14, 15)], 11, id="a loop in the body"),
        pytest.param("if", (11,), [(11, 13, 17)], 11, id="an if of Python in the body"),
        pytest.param("if", (10, 11), [(10, 11, 17)], 11, id="an if of Python around it"),
        pytest.param("if", (10, 18), [(10, 19, 13, 17)], 19, id="asked before"),
        pytest.param("if", (20, 21), [(20, 17)], 20, id="asked by a method"),
        pytest.param("if", (10, 22), [(10, 22, 17)], 22, id="an expression"),
        pytest.param("if", (11, 23), [(11, 23, 17)], 23, id="elif"),
        pytest.param("if", (), [(11, 17)], 11, id="asked of a parameter"),
        pytest.param("while", (16,), [(16, 12, 14, 15), (16, 17)], 16, id="a loop of Python in the body"),
        pytest.param("while", (14, 16), [(14, 16, 17)], 16, id="a loop of Python around it"),
        pytest.param("while", (10, 16), [(10, 16, 11, 17), (10, 16, 17)], 16, id="an if in the body"),
    ],
)
def test_the_statement_itself_is_told(kind: str, condition: Way, inside: list[Way], line: int) -> None:
    made, block = program(f"pd_op.{kind}", condition, *inside)
    found = blocks.statement(made.conversion, block)
    assert found is not None and found.line == line


def test_an_op_without_a_block_has_none() -> None:
    made, block = program("pd_op.if", (11,), (11, 17))
    assert blocks.statement(made.conversion, block + 1) is None
