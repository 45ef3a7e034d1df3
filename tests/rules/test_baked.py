"""What the program itself fixes or loses: the sizes that work, the user's function, once."""

from __future__ import annotations

import pytest

from shapetrace import Trace, rules
from shapetrace.rules import losses
from shapetrace.trace import Finding, Site
from tests.example_traces import Program


def program(shape: str = "S0; 12") -> tuple[Program, int]:
    made = Program(Trace(), "forward")
    return made, made.input("x", shape)


def found(made: Program) -> list[Finding]:
    return rules.check(made.trace)


class TestOneSize:
    def test_an_operand_that_broadcasts_takes_one_too(self) -> None:
        made, x = program("S0")
        table = made.op("builtin.parameter", (), "12", named="w")
        made.op("pd_op.add", (x, table), "Broadcast(S0, 12)")
        (item,) = found(made)
        assert item.message == "x[0] is unknown in the spec, but add meets x[0] with the constant 12: only 1 and 12 fit"

    def test_one_that_does_not_takes_the_constant_only(self) -> None:
        made, x = program("S0; 8")
        table = made.op("builtin.parameter", (), "12; 4", named="w")
        made.op("pd_op.matmul", (x, table), "S0; 4", attrs={"transpose_x": True})
        (item,) = found(made)
        assert item.message.endswith("with the constant 12: only 12 fits")

    def test_regions_of_one_image_are_for_a_batch_of_one(self) -> None:
        made, maps = program("S0; 8; S1; S2")
        made.op(
            "pd_op.roi_align", (maps, made.op("pd_op.nms", (maps,), "S3; 4"), made.op("pd_op.shape", (), "1")), "S3"
        )
        (item,) = found(made)
        assert item.message == "x[0] is unknown in the spec, but roi_align meets x[0] with the constant 1: only 1 fits"

    @pytest.mark.parametrize(
        ("dim", "sizes"),
        [("Mul(S0, 2)", "only 6 fits"), ("Add(S0, 3)", "only 9 fits"), ("Div(S0, 2)", "only 2, 3, 24 and 25 fit")],
    )
    def test_the_sizes_are_those_of_the_input(self, dim: str, sizes: str) -> None:
        made, x = program("S0")
        made.line = 11
        bent = made.op("pd_op.other", (x,), dim)
        made.op("pd_op.add", (bent, made.op("builtin.parameter", (), "12", named="w")), "12")
        (item,) = found(made)
        assert item.message.endswith(f"with the constant 12: {sizes}")

    @pytest.mark.parametrize("name", ["pd_op.add", "pd_op.expand"])
    def test_a_dim_that_fits_at_every_size_is_not_fixed(self, name: str) -> None:
        made, x = program("S0")
        rows = made.op("pd_op.slice", (x,), "Min(S0, 2)")
        made.op(name, (rows, made.op("builtin.parameter", (), "2", named="w")), "2")
        assert found(made) == []

    def test_the_users_function_is_named_and_each_line_is_told_once(self) -> None:
        made, x = program("S0")
        table = made.op("builtin.parameter", (), "12", named="w")
        for _ in range(3):
            made.op("pd_op.add", (x, table), "12")
            made.conversion.ops[-1].api = "where"
        made.line = 20
        made.op("pd_op.multiply", (x, table), "12")
        made.conversion.ops[-1].api = "where"
        (item,) = found(made)
        assert "but where meets x[0] with the constant 12" in item.message
        assert (item.count, item.sink and item.sink.op, len(item.ops)) == (2, "where", 4)
        assert list(item.notes) == ["the same at decoder.py:20"]


def lossy(code: str, data: str = "1; -1", result: str = "1; Mul(S0, 28)") -> Program:
    """`matmul` of a batch S0 and a batch of one, where Paddle says 1; then a reshape, written as `code`."""
    made, x = program("S0; 4; 5")
    table = made.op("builtin.parameter", (), "1; 5; 7", named="w")
    made.line = 11
    scores = made.op("pd_op.matmul", (x, table), "S0; 4; 7")
    made.conversion.values[scores].shape = (1, 4, 7)
    shape = made.constant(data)
    made.line = 12
    reshaped = made.op("pd_op.reshape", (scores, shape), result)
    made.conversion.values[reshaped].shape = (1, 28)
    site = made.conversion.ops[-1].stack[0]
    made.trace.sites[site] = Site(made.file, 12, code=code, function="forward")
    return made


class TestAnExpand:
    def test_of_an_unknown_dim_to_a_constant_takes_that_or_one(self) -> None:
        made, x = program("S0; 4")
        expanded = made.op("pd_op.expand", (x, made.constant("6; 4")), "6; 4")
        assert made.conversion.values[expanded].shape == (6, 4)
        (item,) = found(made)
        assert (item.rule, item.message.partition("but ")[2]) == ("ST503", "expand expands x[0] to 6: only 1 and 6 fit")

    def test_that_paddle_makes_by_itself_is_its_own_loss(self) -> None:
        made, x = program("S0; 4")
        made.op("pd_op.expand", (x, made.constant("1; 4")), "1; 4")
        made.conversion.ops[-1].api = "take_along_axis"
        (item,) = found(made)
        assert (item.rule, item.severity) == ("ST504", "error")
        assert item.message == "take_along_axis loses x[0]: take_along_axis expands x[0] to 1: only 1 fits"

    def test_to_the_same_size_is_told_once(self) -> None:
        made, x = program("S0; 4")
        for line in (11, 12):
            made.line = line
            made.op("pd_op.expand", (x, made.constant("6; 4")), "6; 4")
        (item,) = found(made)
        assert (item.count, list(item.notes)) == (2, ["the same at decoder.py:12"])

    def test_to_the_dim_itself_is_healthy(self) -> None:
        made, x = program("S0; 4")
        made.op("pd_op.expand", (x, made.constant("-1; 4")), "S0; 4")
        assert found(made) == []


class TestALostDim:
    @pytest.mark.parametrize(
        "code",
        [
            "return scores.reshape([scores.shape[0], -1])",
            "y = paddle.reshape(scores, [batch, -1])",
            "return self.head(scores.reshape(shape=(b, -1)))",
            "return scores.reshape(self.shape)",
            "return scores.reshape([",
        ],
    )
    def test_that_a_shape_takes_is_an_error_where_it_was_lost(self, code: str) -> None:
        (item,) = found(lossy(code))
        assert (item.rule, item.severity, item.source and item.source.line) == ("ST504", "error", 11)
        assert item.sink is not None and (item.sink.line, item.sink.op) == (12, "reshape")
        assert item.message == (
            "matmul of [x[0], 4, 5] and [1, 5, 7] loses x[0]: Paddle infers that axis 0 of the result is 1"
        )
        assert [root.symbol for root in item.roots] == ["x[0]"]

    @pytest.mark.parametrize(
        ("code", "data", "result"),
        [
            ("return scores.reshape([1, -1])", "1; -1", "1; Mul(S0, 28)"),
            ("return scores.reshape([-1, n])", "-1; 28", "S0; 28"),
            ("return scores.reshape([0, -1])", "0; -1", "S0; 28"),
        ],
    )
    def test_that_nobody_takes_is_worth_knowing(self, code: str, data: str, result: str) -> None:
        (item,) = found(lossy(code, data, result))
        assert (item.rule, item.severity) == ("ST504", "note")

    def test_is_lost_once(self) -> None:
        made = lossy("return scores.reshape([scores.shape[0], -1])")
        made.op("pd_op.relu", (made.conversion.ops[-1].outputs[0],), "S0; 28")
        made.conversion.values[-1].shape = (1, 28)
        assert [loss.number for loss in losses.losses(made.conversion)] == [1]

    @pytest.mark.parametrize("dim", ["Broadcast(S0, 12)", "Div(Mul(S0, 12), S0)", "S9"])
    def test_a_number_that_is_right_or_of_another_kind_is_none(self, dim: str) -> None:
        made, x = program("S0")
        made.op("pd_op.other", (x,), dim)
        made.conversion.values[-1].shape = (12,)
        assert list(losses.losses(made.conversion)) == []
