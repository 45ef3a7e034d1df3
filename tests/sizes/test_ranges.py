"""Ranges to deploy with: read, refused where the export does not take them, and written for engines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_traces import Program
from shapetrace import Trace, UsageError, symbolic
from shapetrace.sizes import deploying, extents, ranges
from shapetrace.sizes.deriving import derived
from shapetrace.sizes.ranges import Range, Ranges
from shapetrace.trace import Symbol
from sizes_traces import encoder, pyramid

EXPRESSIONS = st.recursive(
    st.one_of(st.sampled_from(["S0", "S1"]), st.integers(-3, 6).map(str)),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["Add", "Mul", "Max", "Min", "Sub"]), inner, inner),
        st.tuples(st.sampled_from(["Div", "Mod"]), inner, st.integers(-2, 4).map(str)),
    ).map(lambda call: f"{call[0]}({', '.join(call[1:])})"),
    max_leaves=5,
)
FOLDED = "Div(Mul(S1, S2), 64)"


def folded() -> Trace:
    """Two axes of an image, of which only the product must be a multiple of 64."""
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; S1; S2")
    program.op("pd_op.reshape", (x,), f"S0; {FOLDED}; 64")
    return trace


def of(trace: Trace, asked: str, **usual: int) -> Ranges:
    return ranges.of_conversion(trace, derived(trace)[0], ranges.read([asked]), usual)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("B=1..8,H=32*k:320..640", (Range(1, 8, 8), Range(320, 640, 640, 32))),
        ("image[0]=4, image[2]=32*k:300..650", (Range(4, 4, 4), Range(320, 640, 640, 32))),
        ("B=2..2,H=503", (Range(2, 2, 2), Range(503, 503, 503))),
    ],
)
def test_what_is_claimed_of_axes(asked: str, expected: tuple[Range, Range]) -> None:
    found = of(pyramid(), asked)
    assert (found.axes["image[0]"], found.axes["image[2]"]) == expected
    assert found.axes["image[3]"] == Range(64, 64, 64)


def test_the_size_that_an_engine_is_tuned_for() -> None:
    found = of(pyramid(), "B=1..8,H=32*k:320..640", B=1, H=512)
    assert [found.shapes(end)["image"] for end in ranges.ENDS] == [[1, 3, 320, 64], [1, 3, 512, 64], [8, 3, 640, 64]]


def test_axes_that_are_equal_have_one_range() -> None:
    found = of(encoder(512), "mask[1]=16..512,ids[0]=1..4")
    assert found.shapes("max") == {"ids": [4, 512], "mask": [4, 512]}


def test_what_dims_claim_is_a_range_too() -> None:
    trace = pyramid()
    conversion = trace.conversions[0]
    given = conversion.inputs[0]
    conversion.inputs[0] = type(given)(
        given.name, given.shape, given.dtype, claims=("B=1..8", "3", "H=32*k:64..96", "64")
    )
    found = ranges.of_conversion(trace, derived(trace)[0], {}, {})
    assert found.shapes("max") == {"image": [8, 3, 96, 64]}
    assert of(trace, "B=2").shapes("max") == {"image": [2, 3, 96, 64]}


@pytest.mark.parametrize(
    ("trace", "asked", "message"),
    [
        (pyramid(), "B=1..8,H=500..640", "image[2] is not taken at 500, the min of its range, since add wants "
         "(image[2] - 1)//4 + 1 and 2*((image[2] - 1)//8) + 2 to be equal, or one of them 1; the nearest sizes that are taken: 496 and 503"),
        (pyramid(), "B=1..8,H=32..100", "image[2] is not taken at 100, the max of its range, since "),
        (encoder(512), "ids[0]=1,ids[1]=8..600", "the nearest sizes that are taken: 512"),
        (pyramid(), "B=1..8", "image[2] has no range: --range image[2]=8*k:320..640 says one"),
        (pyramid(), "H=64", "image[0] has no range: --range image[0]=1..8 says one"),
        (pyramid(), "B=1,H=64,image[3]=32", "image[3] is 64 in the spec, and no other size"),
        (pyramid(), "B=1,H=64,K=3", "there is no axis K"),
        (folded(), "x[0]=1,x[1]=8..32,x[2]=6..16", "x[1] is not taken at 8, the min of its range, since reshape wants "),
    ],
)  # fmt: skip
def test_a_range_that_is_not_taken_is_refused(trace: Trace, asked: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        of(trace, asked)
    assert message in str(refusal.value)


def test_axes_that_only_go_together_are_looked_at_together() -> None:
    """Of each axis alone, the other held, 6 is not taken."""
    found = of(folded(), "x[0]=1,x[1]=32*k:32..96,x[2]=6..10")
    assert found.shapes("min") == {"x": [1, 32, 6]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("H", "cannot read --range H: write B=1..8, H=32*k:320..640 or image[2]=640"),
        ("H=a..b", "cannot read --range H=a..b: write "),
        ("H=9..3", "cannot read --range H=9..3: write "),
        ("H=32*k", "the range of H has no end: write H=32*k:32..128"),
        ("H=1..2,H=3", "--range says of H twice which sizes it has"),
    ],
)
def test_what_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        ranges.read([text])
    assert message in str(refusal.value)


def test_a_size_to_tune_for_is_within_its_range() -> None:
    with pytest.raises(UsageError, match=r"the range of image\[2\] is 320 to 640, and --opt says 704"):
        of(pyramid(), "B=1..8,H=32*k:320..640", H=704)


def test_what_an_engine_does_not_check_is_noted() -> None:
    notes = [str(note) for note in of(pyramid(), "B=1..8,H=320..640").notes()]
    assert len(notes) == 1
    assert notes[0].endswith("; an engine for 320 to 640 does not check that")
    assert of(pyramid(), "B=1..8,H=64").notes() == []


FOUND = of(pyramid(), "B=1..8,H=32*k:320..640", B=1)


def test_for_tensorrt() -> None:
    assert deploying.text(FOUND, "tensorrt").splitlines() == [
        "--minShapes=image:1x3x320x64",
        "--optShapes=image:1x3x640x64",
        "--maxShapes=image:8x3x640x64",
    ]
    words = deploying.text(of(encoder(512), "ids[0]=1..4,ids[1]=8..512"), "tensorrt")
    assert words.splitlines()[2] == "--maxShapes=ids:4x512,mask:4x512"


def test_for_paddle_inference() -> None:
    known: dict[str, object] = {}
    calls: list[tuple[object, ...]] = []
    known["config"] = type("Config", (), {"set_trt_dynamic_shape_info": lambda _, *given: calls.append(given)})()
    exec(deploying.text(FOUND, "paddle"), known)
    assert calls == [({"image": [1, 3, 320, 64]}, {"image": [8, 3, 640, 64]}, {"image": [1, 3, 640, 64]})]


def test_for_paddledetection() -> None:
    trace = Trace()
    Program(trace).input("image", "S0; 3; S1; S2")
    text = deploying.text(of(trace, "B=1..8,H=320..640,W=320..640", B=4), "paddledetection")
    assert text.splitlines()[-1] == (
        "# or, with --batch_size=4: --trt_min_shape=320 --trt_opt_shape=640 --trt_max_shape=640"
    )
    assert "#" not in deploying.text(FOUND, "paddledetection")


def test_for_paddlex() -> None:
    assert deploying.text(FOUND, "paddlex").splitlines() == [
        "Hpi:",
        "  backend_configs:",
        "    paddle_infer:",
        "      trt_dynamic_shapes:",
        '        "image": [[1, 3, 320, 64], [1, 3, 640, 64], [8, 3, 640, 64]]',
        "    tensorrt:",
        "      dynamic_shapes:",
        '        "image": [[1, 3, 320, 64], [1, 3, 640, 64], [8, 3, 640, 64]]',
    ]


def test_the_file_that_paddle_collects() -> None:
    lines = deploying.text(FOUND, "shape-range-info").splitlines()
    assert lines[:3] == ["shape_range_info {", '  name: "image"', "  min_shape: 1"]
    assert [line.split()[-1] for line in lines if "max_shape" in line] == ["8", "3", "640", "64"]


def test_for_onnx() -> None:
    trace = pyramid()
    trace.conversions[0].outputs = (len(trace.conversions[0].values) - 1,)
    written = json.loads(deploying.text(of(trace, "B=1..8,H=32*k:320..640"), "onnx"))
    assert written == {"inputs": {"image": ["B", 3, "H", 64]}, "outputs": [["B", 8, written["outputs"][0][2], 32]]}
    assert "H" in written["outputs"][0][2]
    assert deploying.text(FOUND, "onnxruntime").splitlines() == [
        'options.add_free_dimension_override_by_name("B", 1)',
        'options.add_free_dimension_override_by_name("H", 640)',
    ]


def test_tensors_within() -> None:
    found = list(extents.tensors(FOUND))
    heights = [(160, 320, 320), (80, 160, 160), (40, 80, 80), (80, 160, 160), (160, 320, 320)]
    assert list(dict.fromkeys(extent.axes[2] for extent in found)) == heights[:3]
    assert [extent.axes[2] for extent in found if extent.op == "pd_op.add"] == heights[3:]
    assert {extent.axes[0] for extent in found} == {(1, 1, 8)}
    assert found[0].site is not None
    assert "conv2d" in found[0].op


def test_a_tensor_that_is_not_largest_at_the_ends() -> None:
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; 8")
    program.op("pd_op.strided_slice", (x,), "Add(Mod(S0, 5), 1); 8")
    program.op("pd_op.pool2d", (x,), "Sub(40, S0); 8")
    sizes = [extent.axes[0] for extent in extents.tensors(of(trace, "x[0]=18..30", **{"x[0]": 20}))]
    assert sizes == [(1, 1, 5), (10, 20, 22)]


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_the_extents_are_those_of_all_sizes(expression: str) -> None:
    program = Program(Trace())
    x = program.input("x", "S0; S1")
    known = of(program.trace, "x[0]=3..7,x[1]=2..5", **{"x[0]": 4, "x[1]": 5})
    program.op("pd_op.other", (x,), f"{expression}; S0")  # may be of no size that is taken
    try:
        made = [symbolic.evaluate(expression, {"S0": a, "S1": b}) for a in range(3, 8) for b in range(2, 6)]
    except ValueError:
        return  # at some of the sizes it is no number
    (extent,) = extents.tensors(known)
    assert extent.axes[0] == (min(made), symbolic.evaluate(expression, {"S0": 4, "S1": 5}), max(made))


def test_a_tensor_of_which_the_size_depends_on_values() -> None:
    trace = Trace()
    program = Program(trace)
    program.op("pd_op.nonzero", (program.input("x", "S0; 8"),), "u0; 2")
    trace.conversions[0].symbols.append(Symbol("u0", "u0", op=1))
    found = of(trace, "x[0]=9..20")
    assert [extent.axes for extent in extents.tensors(found)] == [(None, (2, 2, 2))]
    assert deploying.table(found, extents.tensors(found)).splitlines()[-1].split()[2:5] == ["?x2", "?x2", "?x2"]
