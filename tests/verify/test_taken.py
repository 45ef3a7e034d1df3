"""Sizes off the stride are those that are derived to be taken."""

from __future__ import annotations

from example_traces import Program
from shapetrace import Trace
from shapetrace.claims import Claim
from shapetrace.verify import taken
from shapetrace.verify.sizes import Spec
from sizes_traces import encoder, pyramid

IMAGE = Spec("image", ("batch", 3, "H", 64), "float32")
WORDS = [Spec("ids", ("batch", "N"), "int64"), Spec("mask", ("batch", "M"), "float32")]


def test_a_size_of_a_pyramid_that_is_no_multiple_of_32() -> None:
    assert taken.off_stride(pyramid(3), [IMAGE], {"batch": 2, "H": 64}) == {"batch": 2, "H": 71}
    assert taken.off_stride(pyramid(5), [IMAGE], {"batch": 2, "H": 96}) == {"batch": 2, "H": 127}


def test_equal_axes_stay_equal() -> None:
    assert taken.off_stride(encoder(512), WORDS, {"batch": 2, "N": 64, "M": 64}) == {"batch": 2, "N": 65, "M": 65}


def test_a_claim_is_kept() -> None:
    claimed = Spec("image", ("batch", 3, "H", 64), "float32", {"H": Claim("H", step=8)})
    assert taken.off_stride(pyramid(3), [claimed], {"batch": 2, "H": 64}) == {"batch": 2, "H": 72}


def test_a_size_that_leaves_nothing_of_the_image_is_told() -> None:
    trace = Trace()
    program = Program(trace)
    image = program.input("image", "S0; 3; S1; 64")
    program.op("pd_op.pool2d", (image,), "S0; 3; Add(Div(Add(S1, -72), 8), 1); 1")
    (told,) = taken.emptying(trace, [IMAGE], {"batch": 2, "H": 64})
    assert str(told) == "H=64 leaves a tensor in the model empty: it takes any size from 72 on"
    assert taken.emptying(trace, [IMAGE], {"batch": 2, "H": 72}) == []
    assert taken.emptying(Trace(), [IMAGE], {"batch": 2, "H": 64}) == []


def test_nothing_is_told_of_a_tensor_that_is_empty_at_every_size() -> None:
    trace = Trace()
    program = Program(trace)
    image = program.input("image", "S0; 3; S1; 64")
    program.op("pd_op.slice", (image,), "S0; 3; 0; 64")
    program.op("pd_op.relu", (image,), "S0; 3; S1; 64")
    assert taken.emptying(trace, [IMAGE], {"batch": 2, "H": 64}) == []


def test_nothing_where_nothing_is_derived_or_all_is_taken_up() -> None:
    assert taken.off_stride(Trace(), [IMAGE], {"batch": 2, "H": 64}) is None
    assert taken.off_stride(encoder(64), WORDS, {"batch": 2, "N": 64, "M": 64}) is None
