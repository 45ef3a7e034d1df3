"""Which sizes are derived from a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from example_traces import Program, leaky_trace
from shapetrace import Trace, UsageError, symbolic
from shapetrace.facts.operators import COMPARE
from shapetrace.sizes import Axis, Sizes, conditions, numbers, ones, resizes, wording
from shapetrace.sizes.deriving import derived
from shapetrace.sizes.pattern import Pattern, pattern
from shapetrace.symbolic.eventual import SizeSet
from shapetrace.trace import Op, Symbol
from sizes_traces import concatenated, encoder, joined, pyramid, scaled


def of(dims: str, *ops: tuple[str, str, dict[str, object]]) -> Sizes:
    """The sizes of a program of one input, through which ops follow one another: name, dims of the result, attributes."""
    trace = Trace()
    program = Program(trace)
    value = program.input("x", dims)
    for name, result, attrs in ops:
        value = program.op(f"pd_op.{name}", (value,), result, attrs=attrs)
    return derived(trace)[0]


def allowed(axis: Axis, most: int) -> list[int]:
    return [size for size in range(1, most + 1) if size in axis.pattern]


def fits(size: int, levels: int) -> bool:
    """Whether a pyramid takes a size, by running through it with numbers."""
    maps = []
    for _ in range(levels):
        size = (size - 1) // 2 + 1
        maps.append(size)
    for smaller in reversed(maps[:-1]):
        size *= 2
        if size != smaller and 1 not in (size, smaller):
            return False
        size = max(size, smaller)
    return True


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
def test_a_pyramid_takes_what_its_sums_take(levels: int) -> None:
    axis = derived(pyramid(levels))[0].axis("image[2]")
    assert allowed(axis, 400) == [size for size in range(1, 401) if fits(size, levels)]
    assert axis.pattern.multiple_of == 2**levels
    assert axis.state == "constrained"


def test_the_form_of_a_pyramid() -> None:
    found = derived(pyramid())[0]
    height = found.axis("image[2]")
    assert height.pattern == Pattern(None, 8, (0, 7), (1, 2), None, None, 8)
    assert [because.site and because.site.line for because in height.because] == [32, 31]
    assert str(height.said) == "a multiple of 8; exactly, any size that leaves 0 or 7 when divided by 8, and 1 and 2"
    assert [found.axis(f"image[{axis}]").state for axis in (0, 1, 3)] == ["free", "fixed", "fixed"]
    assert found.at == {"image[0]": 1, "image[2]": 64}


def test_a_table_that_ends_and_two_inputs_of_one_length() -> None:
    found = derived(encoder(512))[0]
    length = found.axis("ids[1]")
    assert (length.pattern.at_most, length.pattern.multiple_of) == (512, 1)
    assert [because.site and because.site.line for because in length.because] == [41]
    assert found.equal == (("ids[0]", "mask[0]"), ("ids[1]", "mask[1]"))
    assert found.axis("mask[1]").pattern == length.pattern
    assert found.together == ()


def test_which_of_equal_axes_may_be_1() -> None:
    found = derived(encoder(512))[0]
    assert found.or_one == found.equal
    beside = derived(concatenated())[0]
    assert (beside.equal, beside.or_one) == ((("a[0]", "b[0]"),), ((),))
    assert str(beside.said_equal[0]) == "a[0] and b[0] are equal"
    assert str(found.said_equal[1]) == "ids[1] and mask[1] are equal; ids[1] or mask[1] may be 1 too"


def test_an_axis_that_another_op_wants_equal_may_not_be_1() -> None:
    trace = Trace()
    program = Program(trace)
    a, b, c = (program.input(name, f"S{place}; 8") for place, name in enumerate("abc"))
    program.op("pd_op.add", (a, b), "Broadcast(S0, S1); 8")
    joined(program, (b, c), "S1; 16")
    found = derived(trace)[0]
    assert (found.equal, found.or_one) == ((("a[0]", "b[0]", "c[0]"),), (("a[0]",),))
    conversion = trace.conversions[0]
    conversion.symbols = [msgspec.structs.replace(symbol, name="B") for symbol in conversion.symbols]
    assert derived(trace)[0].or_one == ((),)


def test_either_of_two_axes_may_be_1_but_not_both() -> None:
    found = derived(scaled())[0]
    assert found.equal == (("maps[0]", "sizes[0]", "scales[0]"),)
    assert found.ones == ((("sizes[0]",), ("scales[0]",)),)
    assert found.or_one == (("sizes[0]",),)
    alone = "maps[0] and sizes[0] and scales[0] are equal; sizes[0] alone or scales[0] alone may be 1 too"
    assert str(found.said_equal[0]) == alone


@pytest.mark.parametrize(
    ("dims", "op", "expected"),
    [
        ("S0; 8", ("reshape", "4; 16", {}), [8]),
        ("S0; 8", ("reshape", "Div(S0, 4); 32", {}), [4, 8, 12, 16, 20, 24]),
        ("S0; 8", ("reshape", "Mul(S0, 8)", {}), [*range(1, 26)]),
        ("S0; 3; S1", ("reshape", "S0; Mul(3, S1)", {}), [*range(1, 26)]),
        ("S0; 8", ("relu", "S0; 8", {}), [*range(1, 26)]),
        ("S0; 8", ("pool2d", "Add(Div(Add(S0, -9), 2), 1); 8", {}), [*range(9, 26)]),
        ("S0; 8", ("expand", "5; 8", {}), [1, 5]),
        ("S0; 8; 4; 4", ("conv2d", "S0; 8; 4; 4", {"groups": 1}), [*range(1, 26)]),
        ("2; 8; S0; 8", ("pixel_unshuffle", "2; 128; Div(S0, 4); 2", {"downscale_factor": 4, "data_format": "NCHW"}),
         [4, 8, 12, 16, 20, 24]),
        ("2; S0; 8; 3", ("pixel_unshuffle", "2; Div(S0, 4); 2; 48", {"downscale_factor": 4, "data_format": "NHWC"}),
         [4, 8, 12, 16, 20, 24]),
        ("2; S0; 8; 8", ("channel_shuffle", "2; S0; 8; 8", {"groups": 6, "data_format": "NCHW"}), [6, 12, 18, 24]),
        ("2; S0; 9", ("fold", "2; Div(S0, 4); 6; 6", {"kernel_sizes": [2, 2], "strides": [2, 2], "output_sizes": [6, 6],
                                                      "paddings": [0, 0, 0, 0], "dilations": [1, 1]}),
         [4, 8, 12, 16, 20, 24]),
        ("2; 8; S0", ("fold", "2; 2; 6; 5", {"kernel_sizes": [2, 2], "strides": [2, 1], "output_sizes": [6, 5],
                                             "paddings": [1, 0, 1, 0], "dilations": [1, 1]}), [16]),
        ("1; 1; S0; 8", ("nearest_interp", "1; 1; Div(S0, 4); 2", {"scale": [0.25, 0.25], "data_format": "NCHW"}),
         [*range(4, 26)]),
        ("1; S0; 8; 1", ("nearest_interp", "1; Div(S0, 4); 2; 1", {"scale": [0.25, 0.25], "data_format": "NHWC"}),
         [*range(4, 26)]),
        ("1; 8; 8; S0", ("nearest_interp", "1; 2; 2; S0", {"scale": [0.25, 0.25], "data_format": "NHWC"}), [*range(1, 26)]),
        ("1; S0; 8; 8", ("nearest_interp", "1; S0; 2; 2", {"scale": [0.25, 0.25]}), [*range(1, 26)]),
    ],
)  # fmt: skip
def test_what_one_op_demands(dims: str, op: tuple[str, str, dict[str, object]], expected: list[int]) -> None:
    found = of(dims, op)
    unknown = next(axis for axis in found.axes if not axis.fixed_by_spec)
    assert allowed(unknown, 25) == expected
    assert unknown.undecided == ()


@pytest.mark.parametrize(
    ("dims", "attrs", "after"),
    [
        ("1; 8; S0; 8", {"strides": [2, 2], "paddings": [0, 0]}, "Mul(S0, 2)"),
        ("1; 8; S0; 8", {"strides": [3, 3], "paddings": [1, 1], "output_padding": [1, 1]}, "Add(Mul(S0, 3), -2)"),
        ("1; 8; S0; 8", {"strides": [2, 2], "paddings": [1, 0, 0, 0], "dilations": [3, 3]}, "Add(Mul(S0, 2), 1)"),
        ("1; S0; 8; 8", {"strides": [2, 2], "paddings": [0, 0], "data_format": "NHWC"}, "Mul(S0, 2)"),
    ],
)
def test_what_a_transposed_convolution_makes(dims: str, attrs: dict[str, object], after: str) -> None:
    """Paddle's symbolic pass tells only that the axis is a new one; the filter is 2 by 2."""
    trace = Trace()
    program = Program(trace)
    x = program.input("x", dims)
    filters, sized = program.op("builtin.parameter", (), "8; 8; 2; 2"), program.op("pd_op.full_int_array", (), "0")
    known = {"dilations": [1, 1], "padding_algorithm": "EXPLICIT", "output_padding": []}
    after_padding = "Add(u0, 1)" if attrs.get("output_padding") else "u0"
    made = dims.replace("S0", after_padding)
    program.op("pd_op.conv2d_transpose", (x, filters, sized), made, attrs={**known, **attrs})
    trace.conversions[0].symbols.append(Symbol("u0", "u0", op=len(trace.conversions[0].ops) - 1))
    known_dims = resizes.resolved(trace.conversions[0])
    made_at = [symbolic.evaluate(known_dims[program.expression(after_padding)], {"S0": size}) for size in range(1, 20)]
    assert made_at == [symbolic.evaluate(after, {"S0": size}) for size in range(1, 20)]


def test_the_index_of_a_slice_is_within_its_axis() -> None:
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; 8")
    attrs = {"axes": [0], "decrease_axis": [0]}
    program.op("pd_op.slice", (x, program.constant("5"), program.constant("6")), "8", attrs=attrs)
    program.op("pd_op.slice", (x, program.constant("-9"), program.constant("-8")), "8", attrs=attrs)
    assert derived(trace)[0].axis("x[0]").pattern.at_least == 9


@pytest.mark.parametrize(("after", "says"), [("Max(Min(5, S0), 0)", "not decided"), ("u0", "any size from 5 on")])
def test_a_slice_from_a_place_that_may_be_below_zero(after: str, says: str) -> None:
    """What the pass tells of it, as it did in older traces, is not believed; a symbol that stands for it is known to be what is left."""
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; 8")
    part = program.op("pd_op.slice", (x, program.constant("Add(S0, -5)"), program.constant("2147483647")), f"{after}; 8",
                      attrs={"axes": [0]})  # fmt: skip
    if after == "u0":
        trace.conversions[0].symbols.append(Symbol("u0", "u0", op=len(trace.conversions[0].ops) - 1))
    program.op("pd_op.reshape", (part,), "5; 8")
    assert str(derived(trace)[0].axes[0].said) == says


def test_a_tensor_of_which_only_the_shape_is_read_may_be_empty() -> None:
    trace = Trace()
    program = Program(trace)
    cut = program.op("pd_op.slice", (program.input("x", "S0; 8"),), "Max(Add(S0, -2), 0); 8", attrs={"axes": [0]})
    program.op("pd_op.shape64", (cut,), "2", data="Max(Add(S0, -2), 0); 8")
    assert derived(trace)[0].axis("x[0]").state == "free"
    program.op("pd_op.relu", (cut,), "Max(Add(S0, -2), 0); 8")
    assert derived(trace)[0].axis("x[0]").pattern.at_least == 3


def test_inputs_that_are_reshaped_to_one_batch_are_equal() -> None:
    trace = Trace()
    program = Program(trace)
    program.input("query", "S0; S1; 16")
    memory = program.input("memory", "S2; S3; 16")
    program.op("pd_op.reshape", (memory,), "S0; S3; 4; 4")
    found = derived(trace)[0]
    assert found.equal == (("query[0]", "memory[0]"),)
    assert (found.or_one, found.together) == (((),), ())


def padded(result: str, attrs: dict[str, object]) -> Sizes:
    """The sizes of a program that pads an axis to a multiple of 8, which Paddle tells as the axis and two symbols more."""
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "1; 4; 1; S0; 6")
    after = program.op("pd_op.remainder", (program.constant("S0"), program.constant("8")), "")
    less = program.op("pd_op.scale", (after, program.constant("-1")), "", attrs={"bias": 8.0})
    more = program.op("pd_op.remainder", (less, program.constant("8")), "")
    for value in (after, less, more):
        trace.conversions[0].values[value].dtype = "int64"
    none = program.constant("0")
    listed = program.op("builtin.combine", (none, none, none, more, none, none), "")
    pads = program.op("pd_op.stack", (listed,), "6")
    trace.conversions[0].values[pads].dtype = "int64"
    made = program.op("pd_op.pad3d", (x, pads), "1; 4; 1; Add(S0, u0, u1); 6", attrs=attrs)
    trace.conversions[0].symbols += [Symbol(key, key, op=len(trace.conversions[0].ops) - 1) for key in ("u0", "u1")]
    program.op("pd_op.reshape", (made,), result.replace("P", "Add(S0, u0, u1)"))
    return derived(trace)[0]


def test_an_axis_that_is_padded_to_a_multiple() -> None:
    attrs: dict[str, object] = {"mode": "constant", "data_format": "NCDHW"}
    assert padded("1; 4; Div(P, 8); 8; 6", attrs).axis("x[3]").state == "free"
    assert padded("1; 4; Div(P, 3); 3; 6", attrs).axis("x[3]").pattern.residues == (0, *range(17, 24))
    last = padded("1; 4; Div(P, 8); 8; 6", {**attrs, "data_format": "NDHWC"}).axis("x[3]")
    assert (last.pattern.multiple_of, last.undecided) == (8, ())


def test_an_axis_that_is_cut_to_a_multiple() -> None:
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "2; S0; 8")
    left = program.op("pd_op.remainder", (program.constant("S0"), program.constant("4")), "")
    end = program.op("pd_op.subtract", (program.constant("S0"), left), "")
    for value in (left, end):
        trace.conversions[0].values[value].dtype = "int64"
    cut = program.op("pd_op.slice", (x, program.constant("0"), end), "2; u0; 8", attrs={"axes": [1]})
    trace.conversions[0].symbols.append(Symbol("u0", "u0", op=len(trace.conversions[0].ops) - 1))
    program.op("pd_op.reshape", (cut,), "2; Div(u0, 4); 32")
    axis = derived(trace)[0].axis("x[1]")
    assert (axis.pattern.at_least, axis.pattern.multiple_of, axis.undecided) == (4, 1, ())


@pytest.mark.parametrize(
    ("name", "further", "dims", "attrs", "expected"),
    [
        ("slice", ("1", "2"), "2", {"axes": [0], "decrease_axis": [0]}, ["S2", "S3"]),
        ("slice", ("0, 1", "2, 2"), "2; 1", {"axes": [0, 1]}, ["S1", "S3"]),
        ("slice", ("-1", "9"), "2; 1", {"axes": [1]}, ["S1", "S3"]),
        ("prod", ("1",), "2", {}, ["Mul(S0, S1)", "Mul(S2, S3)"]),
        ("prod", ("-2",), "1; 2", {}, ["Mul(S0, S2)", "Mul(S1, S3)"]),
        ("sum", ("0, 1",), "", {}, ["Add(S0, S1, S2, S3)"]),
    ],
)
def test_numbers_of_a_table_of_sizes(
    name: str, further: tuple[str, ...], dims: str, attrs: dict[str, object], expected: list[str]
) -> None:
    trace = Trace()
    program = Program(trace)
    rows = [program.constant(text) for text in ("S0; S1", "S2; S3")]
    table = program.op("pd_op.stack", (program.op("builtin.combine", rows, ""),), "2; 2", attrs={"axis": 0})
    operands = [program.constant(text.replace(", ", "; ")) for text in further]
    made = program.op(f"pd_op.{name}", (table, *operands), dims, attrs=attrs)
    conversion = trace.conversions[0]
    for value, shape in ((table, [2, 2]), (made, [int(dim) for dim in dims.split("; ") if dim])):
        conversion.values[value].dtype, conversion.values[value].shape = "int64", shape
    found = numbers.held(conversion, conversion.expressions)[made]
    assert found is not None
    assert [symbolic.text(each, {}) for each in found] == [symbolic.text(each, {}) for each in expected]


def test_columns_that_are_stacked_are_not_one_after_the_other() -> None:
    trace = Trace()
    program = Program(trace)
    columns = program.op("builtin.combine", [program.constant(text) for text in ("S0; S1", "S2; S3")], "")
    table = program.op("pd_op.stack", (columns,), "2; 2", attrs={"axis": 1})
    conversion = trace.conversions[0]
    conversion.values[table].dtype, conversion.values[table].shape = "int64", [2, 2]
    assert numbers.held(conversion, conversion.expressions)[table] is None


def test_a_slice_of_numbers_that_are_not_known_holds_none() -> None:
    trace = Trace()
    program = Program(trace)
    given = program.input("sizes", "3")
    program.op("pd_op.slice", (given, program.constant("0"), program.constant("2")), "2", attrs={"axes": [0]})
    conversion = trace.conversions[0]
    held = numbers.held(conversion, conversion.expressions)
    assert numbers.taken_out(conversion, conversion.ops[-1], held) is None
    held[given] = ["S0", "S1", "S2"]
    assert numbers.taken_out(conversion, conversion.ops[-1], held) == ["S0", "S1"]


def test_what_is_true_where_one_of_several_is() -> None:
    trace = Trace()
    program = Program(trace)
    known = [program.input(name, "") for name in "abc"]
    both = program.op("pd_op.logical_or", known[:2], "")
    again = program.op("pd_op.assign", (program.op("pd_op.cast", (both,), ""),), "")
    every = program.op("pd_op.logical_or", (again, known[2]), "")
    assert conditions.alternatives(trace.conversions[0], every) == known
    neither = program.op("pd_op.logical_not", (every,), "")
    assert conditions.alternatives(trace.conversions[0], neither) == [neither]


def test_windows_divide_a_map_of_two_unknown_axes() -> None:
    windows = "Mul(49, Div(S1, 7), Div(S2, 7))"
    found = of("S0; S1; S2", ("reshape", f"Div(Mul(S0, S1, S2), {windows}); Div(S1, 7); 7; Div(S2, 7); 7", {}))
    for place in ("x[1]", "x[2]"):
        axis = found.axis(place)
        assert (axis.pattern.multiple_of, axis.undecided) == (7, ())


def test_axes_of_one_letter_are_broadcast() -> None:
    trace = Trace()
    program = Program(trace)
    values = (program.input("a", "S0; S1; 8"), program.input("b", "S2; S3; 8"))
    listed = program.op("builtin.combine", values, "")
    program.op("pd_op.einsum", (listed,), "Broadcast(S0, S2); S1; S3", attrs={"equation": "bnd,bmd->bnm"})
    found = derived(trace)[0]
    assert (found.equal, found.or_one) == ((("a[0]", "b[0]"),), (("a[0]", "b[0]"),))


def test_no_factor_of_an_axis_is_empty() -> None:
    patches = "Mul(Add(Div(Add(S0, -3), 3), 1), Add(Div(Add(S1, -3), 3), 1))"
    found = of("1; 3; S0; S1", ("unfold", f"1; 27; {patches}", {}))
    assert [found.axis(place).pattern.at_least for place in ("x[2]", "x[3]")] == [3, 3]


def positions(*ops: tuple[str, tuple[int | str, ...], str, dict[str, object]]) -> Sizes:
    """The sizes of a program that looks positions up in a table of 33 rows.

    Args:
        ops: That make the positions, the last ones: name, operands (a number for the op so many before), dims, attributes.
    """
    trace = Trace()
    program = Program(trace)
    made = [program.input("ids", "S0; S1")]
    for name, operands, dims, attrs in ops:
        values = tuple(program.constant(each) if isinstance(each, str) else made[each] for each in operands)
        made.append(program.op(f"pd_op.{name}", values, dims, attrs=attrs))
    table = program.op("builtin.parameter", (), "33; 8")
    program.op("pd_op.embedding", (made[-1], table), "S0; S1; 8")
    return derived(trace)[0]


@pytest.mark.parametrize(
    ("ops", "most"),
    [
        ([("arange", ("0", "S1", "1"), "S1", {})], 33),
        ([("arange", ("2", "Add(S1, 2)", "1"), "S1", {}), ("cast", (-1,), "S1", {})], 31),
        ([("arange", ("0", "S1", "1"), "S1", {}), ("scale", (-1, "1"), "S1", {"bias": 5.0})], 28),
        ([("arange", ("0", "64", "1"), "64", {}), ("slice", (-1, "3", "Add(S1, 3)"), "Min(61, S1)", {"axes": [0]})], 30),
        ([("full_like", (0, "1"), "S0; S1", {}), ("cumsum", (-1, "-1"), "S0; S1", {}), ("subtract", (-1, -2), "S0; S1", {})],
         33),
        ([("arange", ("0", "S1", "1"), "S1", {}), ("full_like", (0, "4"), "S0; S1", {}), ("add", (-2, -1), "S0; S1", {})], 29),
        ([("multiply", (0, 0), "S0; S1", {})], None),
        ([("arange", ("0", "S1", "1"), "S1", {}), ("scale", (-1, "2"), "S1", {"bias": 0.0})], 17),
    ],
)  # fmt: skip
def test_positions_end_with_the_table_that_they_are_looked_up_in(ops: list[Any], most: int | None) -> None:
    axis = positions(*ops).axis("ids[1]")
    assert axis.pattern.at_most == most
    assert [because.op for because in axis.because] == (["embedding"] if most else [])


def test_boxes_and_scores_go_together() -> None:
    trace = Trace()
    program = Program(trace)
    boxes, scores = program.input("boxes", "S0; S1; 4"), program.input("scores", "S2; 80; S3")
    program.op("pd_op.multiclass_nms3", (boxes, scores, -1), "u0; 6")
    found = derived(trace)[0]
    assert found.equal == (("boxes[1]", "scores[2]"),)
    assert [str(because.said) for because in found.together] == [
        "multiclass_nms3 wants boxes[0] to be at least scores[0]"
    ]
    assert all(not axis.undecided for axis in found.axes)


def test_a_detector_of_a_grid_wants_a_size_of_each_image() -> None:
    trace = Trace()
    program = Program(trace)
    maps, sizes = program.input("maps", "S0; 255; S1; S2"), program.input("sizes", "S3; 2")
    program.op("pd_op.yolo_box", (maps, sizes), "S0; Mul(3, S1, S2); 4")
    found = derived(trace)[0]
    assert (found.equal, found.or_one) == ((("maps[0]", "sizes[0]"),), ((),))
    assert all(not axis.undecided for axis in found.axes)


def test_what_a_loss_compares_is_of_one_shape() -> None:
    trace = Trace()
    program = Program(trace)
    x, label = (program.input(name, f"S{place}; 8") for place, name in enumerate(("x", "label")))
    program.op("pd_op.kldiv_loss", (x, label), "S0; 8")
    found = derived(trace)[0]
    assert (found.equal, found.or_one) == ((("x[0]", "label[0]"),), ((),))
    assert found.axis("x[0]").state == "free"


def test_two_axes_of_an_image_are_held_at_one_size() -> None:
    """A table of 400 positions takes 512 by 800 too, but nobody would try that first."""
    place = "Mul(Div(S0, 32), Div(S1, 32))"
    found = of("1; S0; S1", ("relu", f"1; {place}", {}), ("reshape", "20; 20", {}))
    assert found.at == {"x[1]": 640, "x[2]": 640}


def test_two_axes_of_an_image_that_no_usual_size_fits() -> None:
    """A classifier of digits, whose last layer takes 5 by 5 places: images of 28 by 28, as everybody gives it."""
    sides = "Add(Div(S0, 4), -2); Add(Div(S1, 4), -2)"
    places = f"Mul({sides.replace(';', ',')})"
    found = of("1; S0; S1", ("pool2d", f"1; {sides}", {}), ("reshape", f"1; {places}", {}), ("reshape", "1; 25", {}))
    assert found.at == {"x[1]": 28, "x[2]": 28}
    assert (found.axis("x[1]").pattern.at_least, found.axis("x[1]").pattern.at_most) == (28, 31)


def test_an_op_that_is_not_known_leaves_its_axes_undecided() -> None:
    axis = of("S0; 8", ("op_of_somebody", "S0; 8", {})).axis("x[0]")
    assert axis.state == "undecided"
    assert [str(because.said) for because in axis.undecided] == [
        "what op_of_somebody asks of its operands is not known"
    ]


def test_an_axis_of_1_goes_with_what_is_not_known() -> None:
    trace = Trace()
    program = Program(trace)
    chosen = program.op("pd_op.nonzero", (program.input("x", "S0; 8"),), "u0; 2")
    trace.conversions[0].symbols.append(Symbol("u0", "u0", op=len(trace.conversions[0].ops) - 1))
    program.op("pd_op.add", (chosen, program.op("builtin.parameter", (), "1; 2")), "u0; 2")
    assert derived(trace)[0].axis("x[0]").state == "free"
    program.op("pd_op.add", (chosen, program.op("builtin.parameter", (), "5; 2")), "5; 2")
    axis = derived(trace)[0].axis("x[0]")
    assert [str(because.said) for because in axis.undecided] == [
        "add wants u0 and 5 to be equal, or one of them 1, which depends on what the inputs hold"
    ]


def test_what_only_runs_under_a_condition_is_undecided() -> None:
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; 8")
    program.op("pd_op.if", (x,))
    program.parent = len(trace.conversions[0].ops) - 1
    program.op("pd_op.reshape", (x,), "4; 16")
    axis = derived(trace)[0].axis("x[0]")
    assert axis.state == "undecided"
    assert "it runs under a condition only" in str(axis.undecided[0].said)


def branching(sign: str, number: str, block: int) -> Axis:
    """The sizes of an axis to which a table of 4 is added under a condition on it."""
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; 8")
    compared = program.op(f"pd_op.{sign}", (program.constant("S0"), program.constant(number)), "")
    program.op("pd_op.if", (compared,))
    program.parent = len(trace.conversions[0].ops) - 1
    program.op("pd_op.add", (x, program.op("builtin.parameter", (), "4; 8")), "Broadcast(S0, 4); 8")
    for op in trace.conversions[0].ops[-2:]:
        op.block = block
    return derived(trace)[0].axis("x[0]")


@pytest.mark.parametrize(
    ("sign", "number", "block", "expected"),
    [
        ("greater_than", "10", 0, [*range(1, 11)]),
        ("greater_than", "3", 0, [1, 2, 3, 4]),
        ("less_equal", "18", 0, [1, 4, 19, 20]),
        ("greater_equal", "19", 1, [1, 4, 19, 20]),
        ("not_equal", "7", 1, [*range(1, 7), *range(8, 21)]),
        ("equal", "7", 0, [*range(1, 7), *range(8, 21)]),
    ],
)
def test_an_op_asks_only_where_its_condition_holds(sign: str, number: str, block: int, expected: list[int]) -> None:
    axis = branching(sign, number, block)
    assert allowed(axis, 20) == expected
    assert axis.undecided == ()
    assert f", where x[0] {'>' if sign == 'greater_than' else ''}" in str(axis.because[0].said)


def asserting(*comparisons: tuple[str, str, str]) -> Axis:
    """The sizes of an axis of which all comparisons are asserted."""
    trace = Trace()
    program = Program(trace)
    program.input("x", "S0; 8")
    held: int | None = None
    for sign, left, right in comparisons:
        compared = program.op(f"pd_op.{sign}", (program.constant(left), program.constant(right)), "")
        held = compared if held is None else program.op("pd_op.logical_and", (held, compared), "")
    assert held is not None
    program.op("pd_op.assert", (held,))
    return derived(trace)[0].axis("x[0]")


@pytest.mark.parametrize(
    ("comparisons", "expected"),
    [
        ([("equal", "Mod(S0, 4)", "0")], [4, 8, 12, 16, 20]),
        ([("less_than", "S0", "7"), ("greater_equal", "S0", "3")], [3, 4, 5, 6]),
        ([("greater_than", "S0", "17")], [18, 19, 20]),
        ([("not_equal", "Mod(S0, 2)", "0")], [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]),
    ],
)
def test_what_is_asserted_of_sizes(comparisons: list[tuple[str, str, str]], expected: list[int]) -> None:
    """An export may leave the assert out, and then computes what the model refuses."""
    axis = asserting(*comparisons)
    assert allowed(axis, 20) == expected
    assert {because.op for because in axis.because} == {"assert"}


def test_of_what_is_undecided_the_rest_is_said_at_best() -> None:
    axis = asserting(("equal", "Mod(Int(Root(S0)), 2)", "0"), ("greater_equal", "S0", "30"))
    assert (axis.state, str(axis.said)) == ("undecided", "not decided; at best any size from 30 on")
    assert [because.at_each_size for because in axis.undecided] == [True]
    assert "int(sqrt(x[0]))" in str(axis.undecided[0].said)
    assert "it takes a square root" in str(axis.undecided[0].said)


SQUARE = ("equal", "Mul(Int(Root(S0)), Int(Root(S0)))", "S0")
SQUARE_AND_CLASS = ("equal", "Mul(Int(Root(Add(S0, -1))), Int(Root(Add(S0, -1))))", "Add(S0, -1)")
SIGN = {"equal": "==", "not_equal": "!=", "less_equal": "<=", "greater_equal": ">="}


@pytest.mark.parametrize(
    ("comparisons", "says"),
    [
        ([("equal", "Mul(Int(Root(S0)), Int(Root(S0)))", "S0"), ("less_equal", "S0", "30")], "only 1, 4, 9, 16 or 25"),
        ([SQUARE], "any size that is a square"),
        ([SQUARE, ("equal", "Mod(S0, 12)", "0")], "a multiple of 12 that is a square"),
        ([("greater_equal", "S0", "30"), SQUARE], "any size from 30 on that is a square"),
        ([SQUARE, ("equal", "S0", "16")], "only 16"),
        ([SQUARE, ("equal", "S0", "17")], "no size"),
        ([SQUARE, SQUARE_AND_CLASS], "not decided; at best any size that is a square"),
        ([SQUARE_AND_CLASS], "any size that is 1 more than a square"),
        (
            [("equal", "Mul(Int(Root(Add(S0, 2))), Int(Root(Add(S0, 2))), 3)", "Add(Mul(S0, 3), 6)")],
            "any size that is 2 less than a square",
        ),
        (
            [("equal", "Mul(Int(Root(Add(S0, -4))), Int(Root(Add(S0, -4))))", "Add(S0, -4)")],
            "any size that is 4 more than a square",
        ),
        ([("equal", "Broadcast(S0, 2)", "Mul(Int(Root(S0)), Int(Root(S0)))")], "not decided"),
        ([("equal", "Mul(Int(Root(S0)), Int(Root(S0)), 2)", "S0")], "not decided"),
        ([("equal", "Mul(Int(Root(S0)), S0)", "S0")], "not decided"),
        ([("equal", "Mul(Int(Root(Div(S0, 2))), Int(Root(Div(S0, 2))))", "S0")], "not decided"),
        ([("not_equal", "Mul(Int(Root(S0)), Int(Root(S0)))", "S0")], "not decided"),
        ([("greater_equal", "Int(Root(S0))", "3")], "any size from 9 on"),
        ([("greater_equal", "Int(Root(Div(S0, 2)))", "3")], "any size from 18 on"),
        ([("less_equal", "Int(Root(Mul(S0, S0)))", "7")], "any size up to 7"),
        ([("not_equal", "Int(Root(S0))", "2")], "any size from 9 on; exactly, 1, 2 and 3 too"),
        ([("equal", "Mod(Int(Root(S0)), 2)", "0")], "not decided"),
        ([("equal", "Int(Root(Mod(S0, 7)))", "2")], "not decided"),
    ],
)
def test_what_square_roots_are_decided(comparisons: list[tuple[str, str, str]], says: str) -> None:
    """Where few sizes are left, from some root on all are taken or none, or what the root is taken of must be a square."""
    axis = asserting(*comparisons)
    assert str(axis.said) == says
    if axis.state != "undecided":
        assert [size for size in range(1, 200) if size in axis.pattern] == [
            *filter(holding(comparisons), range(1, 200))
        ]


def holding(comparisons: list[tuple[str, str, str]]) -> Callable[[int], bool]:
    """Whether comparisons hold at a size; a root of a number below zero is none."""

    def holds(size: int) -> bool:
        try:
            sides = [[symbolic.evaluate(side, {"S0": size}) for side in sides] for _, *sides in comparisons]
        except ValueError:
            return False
        return all(COMPARE[SIGN[sign]](*each) for (sign, *_), each in zip(comparisons, sides, strict=True))

    return holds


def test_what_always_holds_ties_nothing() -> None:
    """`x[:, 0]` of a class token and as many tokens as a map has places."""
    trace = Trace()
    program = Program(trace)
    image = program.input("image", "S0; S1")
    tokens = program.op("pd_op.reshape", (image, program.constant("Add(Mul(S0, S1), 1)")), "Add(Mul(S0, S1), 1); 1")
    program.op("pd_op.topk", (tokens, program.constant("1")), "1; 1", attrs={"axis": 0})
    assert [str(because.said) for because in derived(trace)[0].together if because.op == "topk"] == []


def test_a_product_of_numbers_below_zero_is_no_empty_tensor() -> None:
    """Windows of a map that is made larger to whole ones, as `-(-n // 7)` counts them along both axes."""
    windows = "Div(Mul(S0, -1), 7)"
    assert of("S0", ("relu", f"Mul({windows}, {windows})", {})).axis("x[0]").state == "free"
    assert of("S0", ("relu", f"Mul({windows}, Div(S0, 7), -1)", {})).axis("x[0]").pattern.at_least == 7


def test_of_many_equal_axes_it_is_not_said_which_may_be_1() -> None:
    trace = Trace()
    program = Program(trace)
    total = program.input("x0", "S0; 8")
    for number in range(1, ones.MOST + 1):
        total = program.op("pd_op.add", (total, program.input(f"x{number}", f"S{number}; 8")), "S0; 8")
    assert str(derived(trace)[0].said_equal[0]).endswith(
        "which of them may be 1 too is not decided, as there are more than 8"
    )


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([*range(1, 25), 40], "any size up to 24; exactly, 40 too"),
        ([1, 2, *range(8, 80, 8)], "a multiple of 8 up to 72; exactly, 1 and 2 too"),
        ([1, 2, 63, 64], "only 1, 2, 63 or 64"),
        ([], "no size"),
    ],
)
def test_a_range_and_the_sizes_beside_it(sizes: list[int], words: str) -> None:
    found = pattern(SizeSet((*(size in sizes for size in range(1, 100)), False), 1))
    assert [size for size in range(1, 200) if size in found] == sizes
    assert str(wording.of_pattern(found)) == words


def test_two_axes_that_are_divided_together() -> None:
    """Of a batch of 1 the other must be a multiple; of a larger batch it need not be: that is said."""
    found = of("S0; S1; 16", ("reshape", "Div(Mul(S0, S1, 16), 64); 64", {}))
    assert found.axis("x[1]").pattern.multiple_of == 4
    assert str(found.axis("x[1]").said) == "a multiple of 4, with x[0]=1"
    assert found.axis("x[0]").state == "free"
    assert found.axis("x[0]").held == ()
    assert [because.op for because in found.together] == ["reshape"]


def test_axes_of_one_name_are_equal() -> None:
    trace = Trace()
    program = Program(trace)
    program.input("a", "S0; 8")
    program.op("pd_op.reshape", (program.input("b", "S1; 8"),), "Div(S1, 4); 32")
    conversion = trace.conversions[0]
    assert derived(trace)[0].axis("a[0]").state == "free"
    conversion.symbols = [msgspec.structs.replace(symbol, name="B") for symbol in conversion.symbols]
    found = derived(trace)[0]
    assert found.equal == (("a[0]", "b[0]"),)
    assert found.axis("a[0]").pattern.multiple_of == 4


def fitted() -> Trace:
    trace = pyramid()
    trace.conversions[0].fitted = True
    return trace


@pytest.mark.parametrize(
    ("trace", "message"),
    [
        (Trace(), "the trace holds no conversion"),
        (fitted(), "its shapes are fitted to a few sizes, and not exact"),
        (leaky_trace(), "which sizes Detector.forward takes cannot be derived: it failed with "),
    ],
)
def test_a_trace_of_which_nothing_can_be_derived(trace: Trace, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        derived(trace)


def test_a_parameter_is_no_demand() -> None:
    trace = pyramid()
    trace.conversions[0].ops.append(Op("builtin.parameter", (), ()))
    assert derived(trace)[0].axis("image[0]").state == "free"


def test_many_axes_of_which_some_may_be_1() -> None:
    trace = Trace()
    program = Program(trace)
    values = [program.input(name, f"S{place}; 4") for place, name in enumerate("abcdef")]
    halves = []
    for place in (0, 3):
        first = program.op("pd_op.add", values[place : place + 2], f"Broadcast(S{place}, S{place + 1}); 4")
        three = f"Broadcast(S{place}, S{place + 1}, S{place + 2}); 4"
        halves.append(program.op("pd_op.add", (first, values[place + 2]), three))
    joined(program, halves, "Broadcast(S0, S1, S2); 8")
    found = derived(trace)[0]
    assert len(found.equal[0]) == 6
    told = str(found.said_equal[0])
    assert told.endswith("may be 1 too, but not all of a[0] and b[0] and c[0] or all of d[0] and e[0] and f[0]")
    assert ("a[0]", "b[0]", "d[0]", "e[0]") in found.ones[0]
    assert ("a[0]", "b[0]", "c[0]") not in found.ones[0]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([("a",), ("b",), ("c",), ("a", "c"), ("b", "c")], [("a", "b")]),
        ([("a", "b")], []),  # neither alone
        ([("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")], []),
    ],
)
def test_the_choices_of_axes_that_may_never_be_1(found: list[tuple[str, ...]], expected: list[tuple[str, ...]]) -> None:
    assert ones.never("abc", found) == expected


def test_what_is_put_has_a_row_for_each_place() -> None:
    program = Program(Trace())
    places, rows = program.input("places", "S0; 1"), program.input("rows", "S1; S2")
    table = program.op("builtin.parameter", (), "8; 4")
    program.op("pd_op.scatter_nd_add", (table, places, rows), "8; 4")
    found = derived(program.trace)[0]
    assert found.equal == (("places[0]", "rows[0]"),)
    assert allowed(found.axis("rows[1]"), 10) == [4]


@pytest.mark.parametrize(("places", "rows"), [("", "S1; 4"), ("S0", "S0; S1; 4"), ("1", "1; S1; 4")])
def test_what_is_scattered_has_rows_as_long_as_those_of_the_table(places: str, rows: str) -> None:
    """A place that is a number takes one row, which has no axis of rows."""
    program = Program(Trace())
    table, put = program.op("builtin.parameter", (), "9; 8; 4"), program.input("rows", rows)
    found_at = program.op("pd_op.cast", (program.op("builtin.parameter", (), places),), places)
    program.op("pd_op.scatter", (table, found_at, put), "9; 8; 4")
    found = derived(program.trace)[0]
    assert [allowed(axis, 10) for axis in found.axes if str(axis.place) == f"rows[{rows.split('; ').index('S1')}]"] == [
        [8]
    ]


def test_a_table_of_which_nothing_is_known_asks_for_nothing() -> None:
    program = Program(Trace())
    table = program.op("pd_op.other", (), None)
    places = program.op("pd_op.arange", tuple(map(program.constant, ("0", "S0", "1"))), "S0")
    program.input("x", "S0; 4")
    for name in ("gather", "index_select", "cross_entropy_with_softmax"):
        program.op(f"pd_op.{name}", (table, places), None)
    assert derived(program.trace)[0].axis("x[0]").state == "free"
