"""The inputs that a model is run with. Needs no Paddle."""

from __future__ import annotations

from shapetrace.verify.dygraph import random_arrays
from shapetrace.verify.sizes import Spec


def arrays(*specs: Spec) -> list[list[float]]:
    return [array.tolist() for array in random_arrays(specs, {"batch": 2, "H": 96}, 0)]


def test_im_shape_is_the_size_of_the_image() -> None:
    _, size, scale = arrays(
        Spec("image", ("batch", 3, "H", 64), "float32"),
        Spec("im_shape", ("batch", 2), "float32"),
        Spec("scale_factor", ("batch", 2), "float32"),
    )
    assert size == [[96, 64], [96, 64]]
    assert all(0.5 <= value <= 1.5 for row in scale for value in row)


def test_without_an_image_it_is_as_other_inputs() -> None:
    (size,) = arrays(Spec("im_shape", ("batch", 2), "float32"))
    assert all(0.5 <= value <= 1.5 for row in size for value in row)
