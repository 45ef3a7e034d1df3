"""Which tensors hold dims: through the variables of loops, and through what a `range` counts."""

from __future__ import annotations

import pytest

from example_traces import Program
from shapetrace import Trace
from shapetrace.capture.source import dim_tensors
from shapetrace.trace import Op


class Looped(Program):
    """A `while` over an input `x` of [x[0], 8], in whose block an element of `range(...)` is `i`.

    Attributes:
        n: `x.shape[0]`.
        argument: What the loop has for `n`.
        i: The element.
        length: The length of the range.
    """

    def __init__(self, counted: str = "n") -> None:
        super().__init__(Trace(paddle="3.3.1"))
        self.x = self.input("x", "S0; 8")
        self.n = self.read(self.x, "S0; 8", 0, "S0")
        zero, one = (self.op("pd_op.full", (), "", attrs={"value": number}) for number in (0.0, 1.0))
        data = self.op("pd_op.argmax", (self.x,), "")
        numbers = self.op("pd_op.arange", (zero, self.n if counted == "n" else data, one), "u0")
        self.length = self.read(numbers, "u0", 0, "u0")
        self.more = self.op("pd_op.less_than", (zero, self.length), "")
        self.op("pd_op.while", (self.more, zero, self.n), "", "")
        self.loop = len(self.conversion.ops) - 1
        self.place, self.argument = self.value(self.loop, ""), self.value(self.loop, "")
        self.parent = self.loop
        starts, ends = self.op("pd_op.stack", (self.place,), "1"), self.op("pd_op.stack", (self.place,), "1")
        self.i = self.op("pd_op.slice", (numbers, starts, ends), "")

    def ends_with(self, value: int) -> None:
        """The loop hands `value` on for `n`."""
        self.conversion.ops.append(Op("cf.yield", (self.more, self.place, value), (), parent=self.loop))


def holds(program: Program, value: int) -> bool:
    return dim_tensors.held(program.conversion, value) is not None


def test_the_variable_of_a_loop_holds_the_dim_that_it_begins_with() -> None:
    program = Looped()
    assert holds(program, program.argument)
    program.ends_with(program.argument)
    assert holds(program, program.argument)


def test_it_does_not_where_a_turn_gives_it_something_else() -> None:
    program = Looped()
    program.ends_with(program.op("pd_op.argmax", (program.x,), ""))
    assert not holds(program, program.argument)


def test_how_far_a_loop_has_come_is_no_dim() -> None:
    program = Looped()
    assert not holds(program, program.place)


@pytest.mark.parametrize(("counted", "held"), [("n", True), ("data", False)])
def test_what_a_range_counts_goes_by_what_it_ends_with(counted: str, held: bool) -> None:
    program = Looped(counted)
    assert holds(program, program.i) is held


def test_a_loop_over_a_range_asks_for_what_the_range_ends_with() -> None:
    program = Looped()
    assert dim_tensors.asked(program.conversion, program.more).dims == (program.n,)


def test_a_loop_over_a_range_of_data_asks_for_data() -> None:
    program = Looped("data")
    asked = dim_tensors.asked(program.conversion, program.more)
    assert (asked.dims, asked.data) == ((), True)


def test_a_condition_joined_of_a_dim_and_of_data_asks_for_both() -> None:
    program = Looped()
    data = program.op("pd_op.argmax", (program.x,), "")
    both = program.op("pd_op.logical_and", (program.more, program.op("pd_op.greater_than", (data, data), "")), "")
    asked = dim_tensors.asked(program.conversion, both)
    assert (asked.dims, asked.data) == ((program.n,), True)
