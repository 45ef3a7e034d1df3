"""Whether the functions of `ppdet.modeling.transformers.utils` give the same bits in dygraph when they are repaired."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import paddle

import shapetrace_rtdetrv2

SEEDS = range(12)
Drawn = tuple[Any, list[list[int]], Any, Any, list[int]]


def drawn(seed: int) -> Drawn:
    """Inputs of a random shape, with places around the maps too: value, sides, places, weights, points of each level."""
    random = np.random.RandomState(seed)
    levels, heads, width, batch, queries = (int(random.randint(1, most)) for most in (5, 5, 6, 4, 8))
    sides = random.randint(1, 9, size=(levels, 2)).tolist()
    points = random.randint(1, 5, size=levels).tolist()
    length = sum(height * across for height, across in sides)
    value = random.randn(batch, length, heads, width)
    places = random.rand(batch, queries, heads, sum(points), 2) * 1.4 - 0.2
    weights = random.rand(batch, queries, heads, sum(points))
    value, places, weights = (paddle.to_tensor(array.astype("float32")) for array in (value, places, weights))
    return value, sides, places, weights, points


def results(functions: ModuleType, inputs: Drawn) -> list[np.ndarray[Any, Any]]:
    """What both functions give, the older one for as many of the places as make the levels even."""
    value, sides, places, weights, points = inputs
    levels, even = len(points), min(points)
    shape = [*places.shape[:3], levels, even]
    newer, older = functions.deformable_attention_core_func_v2, functions.deformable_attention_core_func
    given = [
        newer(value, sides, places, weights, points),
        newer(value, sides, places, weights, points, sampling_method="discrete"),
        older(
            value,
            sides,
            [0] * levels,
            places[:, :, :, : levels * even].reshape([*shape, 2]),
            weights[:, :, :, : levels * even].reshape(shape),
        ),
    ]
    return [result.numpy() for result in given]


def check(functions: ModuleType, seed: int) -> None:
    """Compare what the functions of a module give as they are and repaired."""
    inputs = drawn(seed)
    value, _, places, _, _ = inputs
    before = results(functions, inputs)
    shapetrace_rtdetrv2.apply()
    try:
        repaired = results(functions, inputs)
    finally:
        shapetrace_rtdetrv2.undo()
    for got, wanted in zip(repaired, before, strict=True):
        assert got.shape == wanted.shape == (*places.shape[:2], value.shape[2] * value.shape[3])
        assert np.array_equal(got, wanted)
