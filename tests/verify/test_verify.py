"""`shapetrace.verify`: the exported model against the model."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest

from shapetrace.errors import UsageError
from shapetrace.verify import sizes
from versions import LEGACY

RunCode = Callable[..., CompletedProcess[str]]

HEAD = """
import paddle
from paddle.static import InputSpec
from shapetrace.verify import verify
from verify_models import *
paddle.seed(0)
spec = [InputSpec([-1, 4], "float32", name="x")]
"""


def spec(*shape: int, name: str = "x", dtype: str = "float32") -> SimpleNamespace:
    return SimpleNamespace(shape=shape, name=name, dtype=dtype)


def run(run_code: RunCode, code: str, **options: Any) -> str:
    done = run_code(HEAD + code, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_first_axes_are_one_batch_and_other_axes_differ() -> None:
    inputs = sizes.specs([spec(-1, 3, -1, -1, name="image"), spec(-1, 2, name="im_shape")], None)
    first = sizes.choose(inputs, None)[1]
    assert first == {"batch": 2, "image[2]": 128, "image[3]": 64}
    assert [each.shape(first) for each in inputs] == [[2, 3, 128, 64], [2, 2]]


def test_axes_of_one_name_have_one_size() -> None:
    inputs = sizes.specs([spec(-1, 3, -1, -1, name="image")], {"image": ("B", 3, "S", "S")})
    assert [each.shape({"B": 2, "S": 64}) for each in inputs] == [[2, 3, 64, 64]]


def test_sizes_that_are_not_given_are_the_usual_ones() -> None:
    assert sizes.choose(sizes.specs([spec(-1, -1)], None), [{"batch": 7}]) == [{"batch": 7, "x[1]": 96}]


@pytest.mark.parametrize(
    ("dims", "asked", "message"),
    [
        ({"y": ("B",)}, None, "dims name the input 'y'; there are x"),
        ({"x": ("B",)}, None, "dims name 1 axes of the input 'x', which has 2"),
        (None, [{"B": 1}], "sizes name the dim 'B'; the unknown ones are: batch"),
        (None, [{"batch": 0}], "the size of 'batch' is 0; it is a positive int"),
        (None, [], "sizes is empty"),
    ],
)
def test_a_mistake_of_the_users_is_told(
    dims: dict[str, tuple[str, ...]] | None, asked: list[dict[str, int]] | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message.replace("[", r"\[")):
        sizes.choose(sizes.specs([spec(-1, 4)], dims), asked)


@pytest.mark.paddle
def test_a_healthy_export_is_the_same_and_the_layer_is_as_before(run_code: RunCode) -> None:
    printed = run(
        run_code,
        """
layer = Same()
layer.linear.eval()
before = paddle.get_rng_state()[0].current_seed()
result = verify(layer, spec)
assert result.ok
assert (layer.training, layer.linear.training, layer.dropout.training) == (True, False, True)
assert paddle.get_rng_state()[0].current_seed() == before
print(result.text())
""",
    )
    assert printed.splitlines()[:2] == [
        "Same: the exported model gives the same",
        "  batch=1: same (largest difference 0)",
    ]


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="on Paddle 2.6 the op is not looked for")
def test_the_op_that_fails_is_told_with_its_layer_and_line(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(FailsWhenRun(), spec, sizes=[{'batch': 5}]).text())")
    assert "batch=5: the exported model fails: pd_op.add of [5, 4] (batch, 4)" in printed.replace("x[0]", "batch")
    assert "[4, 1]" in printed
    assert "layer /AddingFourRows/" in printed
    assert "return x + paddle.ones([4, 1])" in printed
    assert "add cannot broadcast [5, 4] and [4, 1]: axis 0 of operand 1 is 5 and axis 0 of operand 2 is 4" in printed
    assert "operand 1 is [x[0], 4]; its axis 0 is 5: axis 0 of the input x\n" in printed
    assert "operand 2 is [4, 1]; its axis 0 is 4: made at verify_models.py:21" in printed
    assert "explained by ST503: " in printed


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="on Paddle 2.6 nothing is derived for it")
def test_a_model_of_one_size_is_run_at_the_one_that_is_derived(run_code: RunCode) -> None:
    printed = run(
        run_code,
        "from paddle.vision.models import LeNet\n"
        "print(verify(LeNet(), [InputSpec([-1, 1, -1, -1], 'float32', name='x')]).text())",
    )
    assert printed.startswith("LeNet: the exported model gives the same")
    assert "batch=2, x[2]=28, x[3]=28: same" in printed


@pytest.mark.paddle
def test_the_first_output_that_differs_is_named(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(OtherValue(), spec, sizes=[{'batch': 2}]).text())")
    assert "the exported model does NOT give the same" in printed
    assert "batch=2: [1] differs in 8 of 8 values" in printed


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="the op is not looked for on Paddle 2.6")
def test_a_tensor_that_is_returned_twice_is_told(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(ReturnsOneTwice(), spec, sizes=[{'batch': 2}]).text())")
    assert "the output is 2 tensors; the model returns 3: a, b, c; a and c are one tensor" in printed
    assert "first seen at pd_op.relu" in printed and "positive = paddle.nn.functional.relu(x)" in printed


@pytest.mark.paddle
@pytest.mark.parametrize(
    ("model", "op", "rule"),
    [
        ("bare_to_slice_end", "pd_op.slice of [2, 64] (2, x[1])", "ST103"),
        ("product_to_ones", "pd_op.full\n", "ST102"),
        ("branch", "pd_op.scale of [2, 64] (2, x[1])", "ST201"),
    ],
)
def test_the_first_op_that_differs_is_told_with_the_finding_that_explains_it(
    run_code: RunCode, model: str, op: str, rule: str
) -> None:
    printed = run(run_code, f"from models import {model}\nprint(verify(*{model}.broken()).text())")
    if LEGACY:
        assert printed.count("the op is not looked for on Paddle 2") == 1
    else:
        assert printed.count("first seen at") == 1
        assert f"first seen at {op}" in printed
    assert f"tests/models/{model}.py:" in printed
    assert f"explained by {rule}: " in printed


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="the op is not looked for on Paddle 2.6")
def test_lists_of_tensors_before_the_op_are_no_hindrance(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(SplitsFirst(), spec).text())")
    assert "the op was not found" not in printed
    assert "first seen at pd_op.scale of [1, 2]" in printed
    assert "return left + right * (1.0 if paddle.in_dynamic_mode() else 3.0)" in printed


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="Paddle 2.6 refuses it at conversion")
def test_an_order_of_too_few_axes_is_told(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(TransposesFourOfFive(), spec).text())")
    assert "transpose of [1, 4, 1, 1, 1] by [0, 2, 1, 3]: the tensor has 5 axes, and perm orders 4" in printed


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="on Paddle 2.6 the op is not looked for")
@pytest.mark.parametrize("level", ["0", "2"])
def test_of_an_op_in_an_if_in_a_loop_the_line_is_told_however_quiet_paddle_is(run_code: RunCode, level: str) -> None:
    code = "print(verify(FillsInALoop(), spec, sizes=[{'batch': 5}]).text())"
    printed = run(run_code, code, env={"GLOG_minloglevel": level})
    assert "the exported model fails: pd_op.set_value_with_tensor_" in printed
    assert "filled[row : row + 1] = rows" in printed


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="on Paddle 2.6 the op is not looked for")
def test_what_paddle_asks_of_a_list_from_a_loop_is_told(run_code: RunCode) -> None:
    printed = run(
        run_code,
        "print(verify(JoinsAList(), spec, sizes=[{'batch': 5}]).text())\n"
        "print(verify(JoinsInTheLoop(), spec, sizes=[{'batch': 5}, {'batch': 2}]).text())",
    )
    broken, _, advised = printed.partition("\nJoinsInTheLoop: ")
    assert "batch=5: the exported model fails: pd_op.array_to_tensor" in broken.replace("x[0]", "batch")
    assert "a converted loop fills this list, and Paddle joins such a list only where" in broken
    assert "return paddle.concat(parts) * 2" in broken
    assert advised.startswith("the exported model gives the same")


@pytest.mark.paddle
def test_a_layer_that_to_static_has_decorated_is_compared_as_dygraph(run_code: RunCode) -> None:
    code = "print(verify(paddle.jit.to_static(OtherValue(), full_graph=True), spec).text())"
    assert "does NOT give the same" in run(run_code, code)


@pytest.mark.paddle
def test_constants_in_a_spec_are_no_inputs(run_code: RunCode) -> None:
    assert "True" in run(run_code, "print(verify(Scaled(), [spec[0], 3.0, None]).ok)")


@pytest.mark.paddle
def test_larger_sizes_are_tried_where_the_model_refuses_the_usual_ones(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(WantsTwoHundred(), [InputSpec([-1, 4, -1], 'float32', name='x')]).text())")
    assert "batch=1, x[2]=416: same" in printed


@pytest.mark.paddle
def test_one_size_is_off_the_stride(run_code: RunCode) -> None:
    printed = run(
        run_code,
        """
result = verify(CutsToEight(), [InputSpec([-1, -1], "float32", name="x")])
assert [run.ok for run in result.runs] == [True, True, True, False]
print(verify(Pyramid(), [InputSpec([-1, 3, -1, -1], "float32", name="image")]).text())
""",
    )
    assert printed.startswith("Pyramid: the exported model gives the same\n")
    assert "batch=5, image[2]=69, image[3]=105: not compared, the model itself fails at these sizes: " in printed
    assert "    so does its export" in printed
    assert LEGACY or "return fine + nn.functional.interpolate(self.second(fine), scale_factor=2)" in printed
    assert "image[2] and image[3] to be multiples of 4" in printed
    assert "say so with --dim image=batch,3,H=4*k,W=4*k\n" in printed


@pytest.mark.paddle
def test_equal_lengths_are_tried_where_the_model_refuses_unequal_ones(run_code: RunCode) -> None:
    printed = run(
        run_code,
        """
spec = [InputSpec([-1, -1], "int64", name=name) for name in ("ids", "mask")]
print(verify(Masked(), spec).text())
assert verify(Masked(), spec, dims={"ids": ("B", "N"), "mask": ("B", "N")}).advice == ""
""",
    )
    assert printed.startswith("Masked: the exported model gives the same\n")
    assert "batch=5, ids[1]=69, mask[1]=69: same" in printed
    assert "say so with --dim ids=batch,N --dim mask=batch,N\n" in printed


@pytest.mark.paddle
def test_rows_may_come_in_another_order(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(OtherOrder(), spec, sizes=[{'batch': 3}]).text())")
    assert "rows of the output in another order" in printed


@pytest.mark.paddle
def test_a_wrong_factor_is_a_difference_however_small_the_values(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(SmallValue(), spec, sizes=[{'batch': 2}]).text())")
    assert "batch=2: the output differs in 8 of 8 values" in printed


@pytest.mark.paddle
def test_what_rounding_alone_does_is_no_difference(run_code: RunCode) -> None:
    printed = run(run_code, "print(verify(SumOfNothing(), spec).text())")
    assert "SumOfNothing: the exported model gives the same" in printed
    assert "same (largest difference 0" not in printed, "it adds in the same order"


@pytest.mark.paddle
def test_a_number_that_is_a_tensor_in_the_export_is_compared(run_code: RunCode) -> None:
    assert "HowMany: the exported model gives the same" in run(run_code, "print(verify(HowMany(), spec).text())")


@pytest.mark.paddle
def test_two_inputs_share_the_batch(run_code: RunCode) -> None:
    two = "[InputSpec([-1, 4], 'float32', name='x'), InputSpec([-1, 4], 'float32', name='y')]"
    assert "True" in run(run_code, f"print(verify(TwoInputs(), {two}).ok)")


@pytest.mark.paddle
def test_a_refused_export_is_a_result(run_code: RunCode) -> None:
    printed = run(
        run_code,
        """
from models import partial_held
print(verify(*partial_held.broken()).text())
""",
    )
    assert printed.startswith("Broken: cannot be exported: ")
    refused, at, explained, *_ = printed.splitlines()
    assert "shape[0] = -8" in refused
    assert "partial_held.py:" in at and at.endswith("x.reshape([batch * heads, 4])")
    assert explained.startswith("  explained by ST101: reshape got shape[0] = -8")
