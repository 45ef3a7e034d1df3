"""Which op in a block is to blame, by what was said. Paddle is not needed."""

from __future__ import annotations

import pytest

from example_traces import Program
from shapetrace import Trace
from shapetrace.trace import Site
from shapetrace.verify import inside, locating


def two_branches() -> Program:
    """Two `if`s on the lines 11 and 21; in each an `exp` on the same line, and a `mean` on the line below."""
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 4")
    condition = program.op("pd_op.any", (x,), "")
    for line in (11, 21):
        program.parent, program.line = -1, 0
        outer = program.conversion.values[program.op("pd_op.if", (condition,), "S0; 4")].op
        program.parent, program.line = outer, line
        grown = program.op("pd_op.exp", (x,), "S0; 4")
        program.line = line + 1
        program.op("pd_op.mean", (grown,), "")
    return program


@pytest.mark.parametrize(
    ("trouble", "known", "op", "line"),
    [
        ("[OP: pd_op.mean] no", "", "pd_op.mean", 22),
        ("it cannot", "pd_op.mean", "pd_op.mean", 22),
        ("[OP: pd_op.exp] no", "pd_op.mean", "pd_op.exp", 21),
        ("it cannot", "pd_op.split", "pd_op.if", 21),
    ],
)
def test_the_op_in_the_block_is_the_one_that_is_named_or_known(trouble: str, known: str, op: str, line: int) -> None:
    conversion = two_branches().conversion
    second = [index for index, each in enumerate(conversion.ops) if each.name == "pd_op.if"][1]

    place = inside.narrowed(
        locating.of_trace(conversion, second), trouble, conversion, None, lambda name: name == known
    )
    assert (place.op, place.site.line if place.site else None) == (op, line)


def test_an_op_at_the_top_stays() -> None:
    conversion = two_branches().conversion
    place = locating.of_trace(conversion, 1)
    assert inside.narrowed(place, "[OP: pd_op.mean] no", conversion, None, lambda _: True) is place


def test_a_loop_is_told_at_its_statement() -> None:
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 4")
    program.line = 0
    loop = program.conversion.values[program.op("pd_op.while", (x,), "S0; 4")].op
    program.parent, program.line = loop, 12
    inner = program.conversion.values[program.op("pd_op.exp", (x,), "S0; 4")].op
    sites = program.trace.sites
    sites.append(Site("/home/ann/net.py", 11, code="for _ in range(x.shape[0]):"))
    program.conversion.ops[inner].stack = (len(sites) - 1, *program.conversion.ops[inner].stack)

    statement = locating.site(program.conversion, loop)
    assert statement is not None and statement.line == 11
