"""ST701 to ST703 at the export: what Paddle lets pass until the export runs."""

from __future__ import annotations

import pytest

from rules.leak import Leak
from rules.watched import only_finding
from versions import LEGACY


def _told(leak: Leak, rule: str = "ST702") -> list[tuple[str, int | None]]:
    return [(each.message, each.sink.line if each.sink else None) for each in leak.found(rule)]


@pytest.mark.parametrize(("perm", "axes"), [([0, 2], 2), ([1, 0, 2, 3], 4)])
def test_a_perm_of_another_length_than_the_shape_fits_no_size(perm: list[int], axes: int) -> None:
    leak = Leak()
    leak.program.line = 33
    leak.program.op("pd_op.transpose", (leak.x,), "S0; 8; S1", attrs={"perm": perm})
    order = f"[{', '.join(map(str, perm))}]"
    told = f"transpose of [x[0], x[1], 8] by {order}: the tensor has 3 axes, and perm orders {axes}"
    assert _told(leak) == [(told, 33)]


@pytest.mark.parametrize("perm", [[0, 2, 1], []])
def test_a_perm_that_fits_and_none_at_all_are_fine(perm: list[int]) -> None:
    leak = Leak()
    leak.program.op("pd_op.transpose", (leak.x,), "S0; 8; S1", attrs={"perm": perm})
    assert _told(leak) == []


@pytest.mark.parametrize(("k", "axis", "told"), [(9, 2, True), (9, -1, True), (8, 2, False), (9, 0, False)])
def test_no_more_than_an_axis_holds_can_be_taken_of_it(k: int, axis: int, told: bool) -> None:
    leak = Leak()
    number = leak.program.op("pd_op.full", (), "1", attrs={"value": float(k)})
    leak.program.op("pd_op.topk", (leak.x, number), "S0; S1; 9", attrs={"axis": axis})
    expected = [(f"topk got k = {k}, and axis 2 of [x[0], x[1], 8] is 8", 10)]
    assert _told(leak) == (expected if told else [])


@pytest.mark.parametrize(
    ("weight", "groups", "layout", "told"),
    [
        ("4; 16; 3; 3", 1, "NCHW", True),
        ("4; 8; 3; 3", 1, "NCHW", False),
        ("4; 4; 3; 3", 2, "NCHW", False),
        ("4; 8; 3; 3", 2, "NCHW", True),
        ("4; 16; 3; 3", 1, "NHWC", False),
        ("4; 16; 3; 3", 1, "AnyLayout", False),
    ],
)
def test_a_convolution_takes_the_channels_that_its_weight_is_for(
    weight: str, groups: int, layout: str, told: bool
) -> None:
    leak = Leak("S0; 8; S1; 16")
    kernel = leak.program.op("builtin.parameter", (), weight)
    leak.program.op("pd_op.conv2d", (leak.x, kernel), "S0; 4; S1; 9", attrs={"groups": groups, "data_format": layout})
    found = [each.message for each in leak.found("ST701")]
    message = (
        f"conv2d got [x[0], 8, x[2], 16], of 8 channels, and its weight is for {int(weight.split('; ')[1]) * groups}"
    )
    assert found == ([message] if told else [])


def test_a_convolution_of_rows_takes_them_too() -> None:
    leak = Leak("S0; 8; S1")
    kernel = leak.program.op("builtin.parameter", (), "4; 16; 3")
    attrs = {"groups": 1, "data_format": "NCHW"}
    leak.program.op("pd_op.conv2d", (leak.x, kernel), "S0; 4; S1", attrs=attrs)
    (finding,) = leak.found("ST701")
    assert finding.message == "conv2d got [x[0], 8, x[2]], of 8 channels, and its weight is for 16"


def test_the_kth_of_an_axis_that_is_shorter() -> None:
    leak = Leak()
    leak.program.op("pd_op.kthvalue", (leak.x,), "S0; S1", attrs={"k": 12, "axis": -1})
    assert _told(leak) == [("kthvalue got k = 12, and axis 2 of [x[0], x[1], 8] is 8", 10)]


@pytest.mark.parametrize(("count", "axis", "told"), [("5", 2, True), ("8", 2, False), ("5", 0, False), ("1", 2, False)])
def test_repeats_are_as_many_as_the_axis_is_long(count: str, axis: int, told: bool) -> None:
    leak = Leak()
    repeats = leak.program.op("pd_op.assign_value_", (), count)
    leak.program.op("pd_op.repeat_interleave_with_tensor_index", (leak.x, repeats), "S0; S1; u0", attrs={"axis": axis})
    expected = [(f"repeat_interleave got {count} repeats, and axis 2 of [x[0], x[1], 8] is 8", 10)]
    assert _told(leak) == (expected if told else [])


@pytest.mark.parametrize(("name", "attribute"), [("_with_tensor_index", "axis"), ("", "dim")])
@pytest.mark.parametrize(("axis", "told"), [(2, True), (0, True), (3, False)])
def test_a_number_of_repeats_that_is_a_tensor_is_one_place_long(
    name: str, attribute: str, axis: int, told: bool
) -> None:
    leak = Leak("S0; S1; 8; 1")
    repeats = leak.program.op("pd_op.reshape", (), "1")
    leak.program.op(f"pd_op.repeat_interleave{name}", (leak.x, repeats), "S0; S1; u0; 1", attrs={attribute: axis})
    message = "repeat_interleave got one number as a tensor, and takes a tensor of one for each place of the axis"
    assert _told(leak, "ST703") == ([(message, 10)] if told else [])


@pytest.mark.parametrize("dtype", ["int64", "int32", "float32"])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_scale_that_is_an_int_tensor_is_read_as_a_float(dtype: str, legacy: bool) -> None:
    leak = Leak("S0; 8; S1; S1")
    scale = leak.program.op("pd_op.slice", (), "", data="S1")
    leak.program.conversion.values[scale].dtype = dtype
    inputs = (leak.x, scale) if legacy else (leak.x, -1, -1, scale)
    leak.program.op("pd_op.bilinear_interp", inputs, "S0; 8; u0; u1")
    message = "interpolate got a scale_factor that is a tensor of ints, and reads it as float32"
    assert _told(leak, "ST703") == ([(message, 10)] if dtype != "float32" else [])


def test_a_size_that_is_an_int_tensor_is_none_of_them() -> None:
    leak = Leak("S0; 8; S1; S1")
    size = leak.program.op("pd_op.slice", (), "", data="S1")
    leak.program.op("pd_op.bilinear_interp", (leak.x, -1, size, -1), "S0; 8; u0; u1")
    leak.program.op("pd_op.bilinear_interp", (leak.x, size, size), "S0; 8; u0; u1")
    assert _told(leak, "ST703") == []


@pytest.mark.parametrize("dtype", ["int64", "float32", ""])
def test_what_a_mask_is_filled_with_is_read_in_the_dtype_of_the_tensor(dtype: str) -> None:
    leak = Leak()
    value = leak.program.op("pd_op.slice", (), "", data="S1")
    leak.program.conversion.values[value].dtype = dtype
    leak.program.op("pd_op.masked_fill", (leak.x, leak.x, value), "S0; S1; 8")
    message = "masked_fill got a value of int64, and reads it as float32"
    assert _told(leak, "ST703") == ([(message, 10)] if dtype == "int64" else [])


def test_a_conversion_that_failed_has_another_reason() -> None:
    leak = Leak()
    leak.program.op("pd_op.transpose", (leak.x,), "S0; 8", attrs={"perm": [0, 2]})
    assert [each.rule for each in leak.failed("something else").found()] == ["ST809"]


@pytest.mark.paddle
def test_a_transpose_of_too_few_axes_is_told_at_its_line() -> None:
    finding = only_finding("st702_transpose_of_too_few_axes")
    assert finding["rule"] == "ST702"
    assert finding["message"].endswith("the tensor has 5 axes, and perm orders 4")
    assert finding["sink"]["code"] == (
        "grids.transpose(self.order)" if LEGACY else "return grids.transpose(self.order).flatten(0, 1) * 2.0"
    )
