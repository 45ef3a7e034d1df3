"""ST701 to ST703: shapes that do not fit, with no leak involved."""

from __future__ import annotations

import pytest

from rules.watched import only_finding, watched

pytestmark = pytest.mark.paddle

MESSAGES = {
    "st701_product_with_a_table": (
        "matmul cannot multiply [x[0], 160] with [128, 5]: axis 1 of folded is 160 and axis 0 of self.table is 128"
    ),
    "st701_concat_of_branches": (
        "concat on axis 1 cannot join [x[0], 3, 4, 4] and [x[0], 3, 5, 4]: "
        "axis 2 of pooled is 4 and axis 2 of strided is 5"
    ),
    "st701_layer_of_another_width": (
        "Linear cannot multiply [8*x[0], 24] with its weight [32, 4]: "
        "axis 1 of features is 24 and axis 0 of the weight is 32"
    ),
    "st702_axis_beyond_the_rank": "sum got axis = 2, and scaled [x[0], 32] has 2 axes, 0 to 1",
    "st702_index_beyond_the_size": "index 7 is out of range: axis 1 of scaled [x[0], 6, 4] is 6",
    "st703_kernel_of_the_whole_map": (
        "avg_pool2d wants a list of ints for kernel_size, and kernel_size[0] (x[2]) and kernel_size[1] (x[3]) are tensors"
    ),
    "st703_patches_of_a_dim": "unfold wants a number for kernel_sizes, and x.shape[3] // 2 is a tensor in converted code",
    "st703_repeated_list": (
        "a list cannot be repeated x.shape[0] times: x.shape[0] is a tensor here, "
        "so Paddle takes the * for a product of numbers"
    ),
    "st703_scale_of_a_dim": "interpolate got a scale_factor that is a tensor of ints, and reads it as float32",
    "st703_shape_for_a_size": "zeros wants one number for a size, and size holds 2",
    "st703_tuple_for_a_tensor": "Linear wants a tensor for argument 1, and got a tuple (attended)",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_finding_says_what_clashes_with_what(name: str) -> None:
    finding = only_finding(name)
    assert finding["rule"] == name.partition("_")[0].upper()
    assert finding["severity"] == "error"
    assert finding["message"] == MESSAGES[name]


@pytest.mark.parametrize("name", MESSAGES)
def test_healthy_twins_have_no_finding(name: str) -> None:
    assert watched(name, "healthy") == {"raised": None, "findings": [], "notes": []}


def test_each_of_two_dims_is_followed_to_the_line_that_made_it() -> None:
    finding = only_finding("st701_concat_of_branches")
    assert finding["sink"]["code"] == "paddle.concat([pooled, strided], axis=1)"
    assert finding["source"]["code"] == "pooled = self.pool(x)"
    assert [(step["expression"], step["symbolic"]) for step in finding["chain"]] == [
        ("pooled = self.pool(x)", "[x[0], 3, 4, 4]"),
        ("strided = x[:, :, ::2, ::2]", "[x[0], 3, 5, 4]"),
    ]


def test_dims_of_the_input_spec_and_of_weights_are_called_so() -> None:
    notes = only_finding("st701_layer_of_another_width")["notes"]
    assert notes[0].endswith("its axis 1 is 24: axis 2 of the input x, fixed by the input spec")
    assert notes[1] == "the weight is [32, 4]; its axis 0 is 32: the shape of the weight linear_0.w_0"
