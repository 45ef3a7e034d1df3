"""Which dims clash in an op that fails. Needs no Paddle."""

from __future__ import annotations

import numpy as np

from example_traces import Program
from shapetrace import Trace
from shapetrace.verify import clashes
from shapetrace.verify.pieces import Operand


def test_a_list_of_tensors_that_cannot_be_fetched_clashes_with_nothing() -> None:
    """What a loop fills, as `array_to_tensor` takes it."""
    program = Program(Trace())
    x, rows = program.input("x", "S0; 8"), program.input("rows", "S1; 8")
    program.op("pd_op.add", (x, rows), "S0; 8")
    index = len(program.conversion.ops) - 1
    three, four = (Operand("pd_op.data", [np.zeros([rows, 8])]) for rows in (3, 4))
    told = clashes.sentences(program.trace, program.conversion, index, [three, four], {})
    assert str(told[0]).startswith("add cannot broadcast [3, 8] and [4, 8]")
    assert clashes.sentences(program.trace, program.conversion, index, [three, Operand("pd_op.while", [])], {}) == ()
