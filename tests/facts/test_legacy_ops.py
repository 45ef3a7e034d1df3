"""Ops of Paddle 2.6 under the names of 3.x."""

from __future__ import annotations

import pytest

from shapetrace.facts import legacy_ops


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("reshape2", "reshape"),
        ("matmul_v2", "matmul"),
        ("lookup_table_v2", "embedding"),
        ("elementwise_add", "add"),
        ("shape", "shape64"),
        ("top_k_v2", "topk"),
        ("conv2d", "conv2d"),
        ("atan2", "atan2"),
        ("relu", "relu"),
    ],
)
def test_an_op_has_the_name_of_paddle_3(kind: str, name: str) -> None:
    assert legacy_ops.name(kind) == name
    assert legacy_ops.recorded_name(kind) == f"pd_op.{name}"


@pytest.mark.parametrize(
    ("op", "written", "name"),
    [
        ("transpose", "axis", "perm"),
        ("matmul", "trans_x", "transpose_x"),
        ("sum", "keep_dim", "keepdim"),
        ("sum", "other", "other"),
        ("relu", "axis", "axis"),
    ],
)
def test_an_attribute_has_the_name_of_paddle_3(op: str, written: str, name: str) -> None:
    assert legacy_ops.attribute(op, written) == name


@pytest.mark.parametrize(
    ("op", "slots", "order"),
    [
        ("matmul", ["Y", "X"], ["X", "Y"]),
        ("conv2d", ["Filter", "Input", "Bias"], ["Input", "Filter", "Bias"]),
        ("cross_entropy", ["Label", "LogitsTensor"], ["LogitsTensor", "Label"]),
        ("embedding", ["W", "Ids"], ["Ids", "W"]),
        ("where", ["X", "Y", "Condition"], ["Condition", "X", "Y"]),
        ("while", ["X", "Condition"], ["Condition", "X"]),
    ],
)
def test_operands_are_in_the_order_of_paddle_3(op: str, slots: list[str], order: list[str]) -> None:
    assert legacy_ops.operand_slots(op, slots) == order


@pytest.mark.parametrize(
    ("op", "inputs", "attributes", "operands"),
    [
        ("matmul", {"Y": ["y"], "X": ["x"]}, {"trans_x": True}, ["x", "y"]),
        (
            "reshape",
            {"X": ["x"], "ShapeTensor": [], "Shape": None},
            {"shape": [1, 2], "use_quantizer": 3},
            ["x", [1, 2]],
        ),
        ("transpose", {"X": ("x",)}, {"axis": [1, 0]}, ["x", [1, 0]]),
        ("sum", {"X": "x"}, {"dim": [1]}, ["x", [1]]),
        ("concat", {"X": ["x"]}, {"axis": 1}, [["x"], 1]),
        ("stack", {"X": ["x"]}, {}, [["x"]]),
        ("meshgrid", {"X": ["x", "y"]}, {}, [["x", "y"]]),
        ("tile", {"X": ["x"]}, {"repeat_times": [2], "dtype": 5}, ["x", [2]]),
    ],
)
def test_a_call_has_the_operands_of_paddle_3(
    op: str, inputs: dict[str, object], attributes: dict[str, object], operands: list[object]
) -> None:
    assert list(legacy_ops.operands(op, inputs, attributes)) == operands
