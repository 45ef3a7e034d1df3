"""What the repaired functions compute: the same bits as before; and what they refuse."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import shapetrace_rtdetrv2

pytestmark = pytest.mark.paddle

NEWER = "deformable_attention_core_func_v2"


def test_dygraph_gives_the_same_bits(utils: ModuleType) -> None:
    from plugins import same_bits

    for seed in same_bits.SEEDS:
        same_bits.check(utils, seed)


def test_gradients_are_the_same_bits(utils: ModuleType) -> None:
    from plugins import same_bits

    def gradients() -> list[Any]:
        value, sides, places, weights, points = same_bits.drawn(3)
        for tensor in (value, places, weights):
            tensor.stop_gradient = False
        (getattr(utils, NEWER)(value, sides, places, weights, points) ** 2).sum().backward()
        return [tensor.grad.numpy() for tensor in (value, places, weights)]

    before = gradients()
    shapetrace_rtdetrv2.apply()
    for got, wanted in zip(gradients(), before, strict=True):
        assert np.array_equal(got, wanted)


def test_sides_may_be_tensors(utils: ModuleType) -> None:
    import paddle

    from plugins import same_bits

    value, sides, places, weights, points = same_bits.drawn(5)
    expected = getattr(utils, NEWER)(value, sides, places, weights, points).numpy()
    shapetrace_rtdetrv2.apply()
    for given in (paddle.to_tensor(sides), [tuple(map(paddle.to_tensor, pair)) for pair in sides]):
        assert np.array_equal(getattr(utils, NEWER)(value, given, places, weights, points).numpy(), expected)


def test_it_is_the_definition() -> None:
    """Every query takes the weighted sum of what it finds at its places."""
    from plugins import same_bits
    from shapetrace_rtdetrv2.attention import attend

    value, sides, places, weights, points = same_bits.drawn(7)
    got = attend(value, sides, places, weights, points, "discrete").numpy()
    starts = np.cumsum([0] + [height * across for height, across in sides])
    level_of = np.repeat(np.arange(len(points)), points)
    expected = np.zeros_like(got).reshape([*got.shape[:2], value.shape[2], value.shape[3]])
    for index in np.ndindex(*weights.shape):
        batch, query, head, place = index
        level = level_of[place]
        height, across = sides[level]
        x, y = places.numpy()[index]
        row = min(max(int(y * height + 0.5), 0), height - 1)
        column = min(max(int(x * across + 0.5), 0), across - 1)
        cell = value.numpy()[batch, starts[level] + row * across + column, head]
        expected[batch, query, head] += weights.numpy()[index] * cell
    np.testing.assert_allclose(got, expected.reshape(got.shape), rtol=1e-5, atol=1e-6)


# --- what does not fit together is refused


def arguments() -> dict[str, Any]:
    """Arguments that fit: two levels of 2 by 3 and 1 by 2 cells, two places on the first and one on the second."""
    import paddle

    return {
        "value": paddle.zeros([2, 8, 4, 5]),
        "spatial_shapes": [[2, 3], [1, 2]],
        "locations": paddle.zeros([2, 6, 4, 3, 2]),
        "weights": paddle.zeros([2, 6, 4, 3]),
        "num_points": [2, 1],
    }


WRONG = {
    "method": ({"method": "nearest"}, "the sampling method is 'nearest'; it is 'default' or 'discrete'"),
    "rank of value": (
        {"value": [2, 8, 20]},
        "value has the shape [2, 8, 20]; it is [batch, length, heads, width]",
    ),
    "rank of the places": (
        {"locations": [2, 6, 4, 3]},
        "sampling_locations has the shape [2, 6, 4, 3]; it is [batch, queries, heads, points, 2]",
    ),
    "rank of the weights": (
        {"weights": [2, 6, 4, 3, 1]},
        "attention_weights has the shape [2, 6, 4, 3, 1]; it is [batch, queries, heads, points]",
    ),
    "levels": (
        {"num_points": [3]},
        "spatial shapes are given for 2 levels, and numbers of points for 1",
    ),
    "coordinates": ({"locations": [2, 6, 4, 3, 3]}, "a sampling location has 3 coordinates; it has 2"),
    "heads of the places": (
        {"locations": [2, 6, 1, 3, 2]},
        "value has 4 heads, and sampling_locations has 1",
    ),
    "heads of the weights": ({"weights": [2, 6, 1, 3]}, "value has 4 heads, and attention_weights has 1"),
    "points of the places": (
        {"locations": [2, 6, 4, 4, 2]},
        "the list of levels has 3 points, and sampling_locations has 4",
    ),
    "points of the weights": (
        {"weights": [2, 6, 4, 1]},
        "the list of levels has 3 points, and attention_weights has 1",
    ),
    "queries": ({"weights": [2, 1, 4, 3]}, "sampling_locations has 6 queries, and attention_weights has 1"),
    "batch of the places": (
        {"locations": [1, 6, 4, 3, 2]},
        "value has 2 images in the batch, and sampling_locations has 1",
    ),
    "batch of the weights": (
        {"weights": [1, 6, 4, 3]},
        "value has 2 images in the batch, and attention_weights has 1",
    ),
    "length": (
        {"spatial_shapes": [[2, 3], [2, 2]]},
        "value has the length 8, and the spatial shapes add up to 10",
    ),
    "side": (
        {"spatial_shapes": [[-1, 3], [1, 2]]},
        "a feature map has the side -1: the code that read it from `.shape` was not rewritten by the conversion, "
        "so it got the -1 of an unknown dim",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_arguments_that_do_not_fit_are_named(case: str) -> None:
    import paddle

    from shapetrace_rtdetrv2.attention import attend

    changed, text = WRONG[case]
    tensors = ("value", "locations", "weights")
    changed = {name: paddle.zeros(given) if name in tensors else given for name, given in changed.items()}
    assert attend(**arguments()).shape == [2, 6, 20]
    with pytest.raises(ValueError) as caught:
        attend(**{**arguments(), **changed})
    assert str(caught.value) == f"deformable attention: {text}"


def test_the_older_form_names_its_ranks() -> None:
    import paddle

    from shapetrace_rtdetrv2.attention import attend_evenly

    with pytest.raises(ValueError) as caught:
        attend_evenly(
            paddle.zeros([2, 8, 4, 5]), [[2, 4]], paddle.zeros([2, 6, 4, 3, 2]), paddle.zeros([2, 6, 4, 1, 3])
        )
    assert str(caught.value) == (
        "deformable attention: sampling_locations is [batch, queries, heads, levels, points, 2] and "
        "attention_weights the same without the 2; they have the shapes [2, 6, 4, 3, 2] and [2, 6, 4, 1, 3]"
    )


def test_heads_that_are_unknown_are_refused() -> None:
    import paddle

    from shapetrace.probing import tiny_program, unknown, untouched
    from shapetrace_rtdetrv2.attention import attend

    with untouched(), tiny_program(), pytest.raises(ValueError) as caught:
        attend(unknown([2, 6, -1, 5]), [[2, 3]], paddle.zeros([2, 6, 4, 3, 2]), paddle.zeros([2, 6, 4, 3]), [3])
    assert str(caught.value) == (
        "deformable attention: the heads and their width must be known, and value has the shape [2, 6, -1, 5]"
    )
