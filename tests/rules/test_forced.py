"""Which dims an op forces to be equal, and the sizes that tell dims apart which are not."""

from __future__ import annotations

from typing import Any

import pytest

from example_traces import Program
from shapetrace import Trace
from shapetrace.rules import draws, forced, losses
from shapetrace.trace import Op


def program(*shapes: str) -> Program:
    """A program with an input for each of these shapes."""
    made = Program(Trace(), "forward")
    for place, shape in enumerate(shapes):
        made.input(f"x{place}", shape)
    return made


def pairs(made: Program, op: int = -1) -> list[tuple[str, str, bool]]:
    return [tuple(pair) for pair in forced.pairs(made.conversion, made.conversion.ops[op])]  # type: ignore[misc]


CASES: list[tuple[str, dict[str, Any], tuple[str, ...], list[tuple[str, str, bool]]]] = [
    ("add", {}, ("S0; S1", "S2; 4"), [("S1", "4", True), ("S0", "S2", True)]),
    ("add", {}, ("S0; S1; 8", "S1; 8"), []),
    ("add", {}, ("S0; S1; 8", "S2; 8"), [("S1", "S2", True)]),
    ("where", {}, ("S0", "S0", "S1"), [("S0", "S1", False)]),
    ("where", {}, ("1", "S0", "S0"), [("1", "S0", False), ("1", "S0", False)]),
    ("atan2", {}, ("S0; S1", "S0; 1"), [("S1", "1", False)]),
    ("add", {}, ("S0",), []),
    ("matmul", {}, ("S0; S1; S2", "S3; S4; 5"), [("S2", "S4", False), ("S0", "S3", True)]),
    ("matmul", {"transpose_x": True}, ("S1; S2", "S4; 5"), [("S1", "S4", False)]),
    ("matmul", {"transpose_y": True}, ("S1; S2", "S4; 5"), [("S2", "5", False)]),
    ("matmul", {}, ("7; 6; S0; S1; S2", "S3; S4; 5"), [("S2", "S4", False), ("S0", "S3", True)]),
    ("matmul", {}, ("S1", "S4; 5"), [("S1", "S4", False)]),
    ("matmul", {}, ("S1; S2", "S4"), [("S2", "S4", False)]),
    ("mv", {}, ("S1; S2", "S4"), [("S2", "S4", False)]),
    ("bmm", {}, ("S0; S1; S2", "S3; S4; 5"), [("S2", "S4", False), ("S0", "S3", False)]),
    ("addmm", {}, ("7; 5", "S1; S2", "S4; 5"), [("S2", "S4", False)]),
    ("matmul", {}, ("S1; S2",), []),
    ("roi_align", {}, ("S0; 8; S1; S2", "S3; 4", "1"), [("S0", "1", False)]),
    ("roi_align", {}, ("S0; 8; S1; S2", "S3; 4"), []),
    ("concat", {"axis": 0}, ("S0; S1", "S2; S3", "S4; S5"), [("S1", "S3", False), ("S1", "S5", False)]),
    ("concat", {"axis": -1}, ("S0; S1", "S2; S3"), [("S0", "S2", False)]),
    ("concat", {}, ("S0; S1", "S2; S3"), [("S1", "S3", False)]),
    ("concat", {"axis": "?"}, ("S0; S1", "S2; S3"), []),
    ("concat", {}, ("", "S2; S3"), []),
    ("concat", {}, (), []),
    ("stack", {"axis": 1}, ("S0; S1", "S0; S3"), [("S1", "S3", False)]),
    ("relu", {}, ("S0",), []),
]


@pytest.mark.parametrize(("name", "attributes", "shapes", "expected"), CASES)
def test_the_dims_that_an_op_forces_to_be_equal(
    name: str, attributes: dict[str, Any], shapes: tuple[str, ...], expected: list[tuple[str, str, bool]]
) -> None:
    made = program(*shapes)
    made.op(f"pd_op.{name}", (*range(len(shapes)), -1), "S0", attrs=attributes)
    assert pairs(made) == expected


@pytest.mark.parametrize("without", [0, 1])
def test_of_a_tensor_without_symbolic_shape_nothing_is_known(without: int) -> None:
    for name in ("add", "matmul", "concat"):
        made = program("S0; S1", "S2; S3")
        made.conversion.values[without].dims = None
        made.op(f"pd_op.{name}", (0, 1), "S0")
        assert pairs(made) == []


def test_a_number_of_images_that_the_program_does_not_know_is_not_believed() -> None:
    made = program("S0; 8; S1; S2", "S3; 4", "1")
    made.conversion.values[2].shape = [-1]
    made.op("pd_op.roi_align", (0, 1, 2), "S3; 8; 7; 7")
    assert pairs(made) == []


@pytest.mark.parametrize(
    ("data", "expected"), [("1", [("S0", "S2", False)]), ("0", [("S1", "S3", False)]), ("S9", []), (None, [])]
)
def test_the_members_of_a_list_are_joined_on_the_axis_that_a_tensor_holds(
    data: str | None, expected: list[tuple[str, str, bool]]
) -> None:
    made = program("S0; S1", "S2; S3")
    listed = made.op("builtin.combine", (0, -1, 1), "")
    made.conversion.values[listed].dtype = "vec[...]"
    axis = made.op("pd_op.full", (), "1", data=data)
    made.op("pd_op.concat", (listed, axis), "S0; S1")
    assert pairs(made) == expected


@pytest.mark.parametrize(("name", "does"), [("pd_op.add", True), ("pd_op.where", False), ("pd_op.matmul", False)])
def test_what_works_on_elements_broadcasts(name: str, does: bool) -> None:
    assert forced.broadcasts(Op(name, (), ())) is does


def test_sizes_of_several_dims() -> None:
    assert list(draws.draws([["a"]], (2, 3))) == [{"a": 2}, {"a": 3}]
    assert list(draws.draws([["a", "c"], ["b"]], (2, 3, 5, 7, 9))) == [
        {"a": size, "c": size, "b": other}
        for size, far in ((2, 9), (3, 2), (5, 3), (7, 5), (9, 7))
        for size, other in ((size, size), (size, size + 1), (size + 2, size + 1), (size, far))
    ]


def test_sizes_near_a_number() -> None:
    sizes = draws.near(12, 1)
    assert {12, 13, 11, 24, 23, 25, 36, 768, 6, 4, 3, 1} <= set(sizes)
    assert sizes[:3] == (12, 13, 11) and min(sizes) == 1 and len(set(sizes)) == len(sizes)
    assert 0 in draws.near(12, 0)
    assert draws.near(1 << 31, 1) == draws.near(float("inf"), 1) == draws.near(-float(1 << 31), 1) == ()
    assert draws.near(2.9, 1)[0] == 2


def grouped(made: Program, before: int) -> list[list[str]]:
    return draws.Equal(made.conversion).groups(("S2", "S1", "S0"), before)


def test_dims_that_are_equal_are_drawn_as_one() -> None:
    made = program("S0; S1; S2")
    made.op("pd_op.add", (0, made.input("y", "S2; 4; 4")), "S0")
    assert grouped(made, 2) == [["S0", "S2"], ["S1"]]
    assert grouped(made, 1) == [["S0"], ["S1"], ["S2"]]


def test_what_a_block_forces_may_not_have_run() -> None:
    made = program("S0; S1; S2")
    other = made.input("y", "S2; S1; 4")
    made.op("pd_op.if", (0,), "S0")
    made.parent = 0
    made.op("pd_op.add", (0, other), "S0")
    assert grouped(made, 9) == [["S0"], ["S1"], ["S2"]]
    made.parent = -1
    made.op("pd_op.add", (0, made.op("pd_op.other", (0,), "Add(S1, 1); S0; S2")), "S0")
    assert grouped(made, 9) == [["S0", "S1"], ["S2"]]


def test_dims_of_one_name_are_equal_whatever_has_run() -> None:
    made = program("S0; S1; S2")
    symbols = made.conversion.symbols
    symbols[:] = [type(each)(each.key, "B" if each.key != "S1" else "N", each.input, each.axis) for each in symbols]
    assert grouped(made, -1) == [["S0", "S2"], ["S1"]]


def test_a_dim_is_lost_where_paddle_says_a_number_first() -> None:
    made = program("S0; S1")
    lost = made.op("pd_op.matmul", (0,), "S0; S1")
    made.conversion.values[lost].shape = (1, -1)
    again = made.op("pd_op.relu", (lost,), "S0; S1")
    made.conversion.values[again].shape = (1, -1)
    other = made.op("pd_op.sum", (0,), "Mul(S0, S1); Sub(Add(S0, 3), S0)")
    made.conversion.values[other].shape = (7, 3)
    found = list(losses.losses(made.conversion))
    assert [(each.op, each.value, each.axis, each.expression, each.number) for each in found] == [
        (1, lost, 0, "S0", 1),
        (3, other, 0, "Mul(S0, S1)", 7),
    ]
    assert losses.first_of_each(made.conversion) == {"S0": 1, "S1": 3}


def test_only_dims_of_inputs_can_be_lost() -> None:
    made = program("S0; S1")
    lost = made.op("pd_op.nonzero", (0,), "S9; Add(S9, S0)")
    made.conversion.values[lost].shape = (4, 5)
    assert list(losses.losses(made.conversion)) == []
