"""ST802: a variable that leaves a turn of a converted loop with another dtype than it has before."""

from __future__ import annotations

import pytest

from rules.flows import Flows, tensor
from shapetrace.trace import Op, State

LOOP = "for i in range(n)"


def looped(user: str, left: str = "float32", *, before: str = "int64") -> Flows:
    """A loop over a variable that is `before` and that a turn leaves as `left`, whose result the op `user` takes."""
    flows = Flows()
    program = flows.program
    condition = program.op("pd_op.less_than", (flows.x,), "")
    program.line = 0
    first = program.op("pd_op.full", (), "")
    result = program.op("pd_op.while", (condition, first), "")
    loop = len(program.conversion.ops) - 1
    argument = program.value(loop, "")
    program.conversion.values[result].dtype = program.conversion.values[argument].dtype = before
    program.parent, program.line, program.file = loop, 10, flows.trace.sites[flows.site(10, LOOP, "forward")].file
    turn = program.op("pd_op.max", (flows.x,), "", named="turn")
    program.conversion.values[turn].dtype = left
    program.conversion.ops.append(Op("cf.yield", (condition, turn), (), parent=loop))
    program.parent = -1
    program.op(f"pd_op.{user}", (result,), "")
    flows.flow(LOOP, flows.variable("total", State("int", "0"), tensor(dtype=left), line=12), ended="")
    return flows


def test_an_op_that_goes_by_the_dtype_before_the_loop_fails_at_every_run() -> None:
    (finding,) = looped("scale").found()
    assert (finding.rule, finding.severity) == ("ST802", "error")
    assert finding.message == (
        f"`total` is int64 before `{LOOP}` and float32 after a turn: every run of the export that gets there fails"
    )
    assert finding.fix is not None and finding.fix.says == "have it float32 before the loop as well"
    assert finding.sink is not None and finding.sink.line == 10


@pytest.mark.parametrize(("user", "left"), [("cast", "float32"), ("scale", "int64")])
def test_a_cast_takes_what_comes_and_one_dtype_is_fine(user: str, left: str) -> None:
    assert looped(user, left).found() == []
