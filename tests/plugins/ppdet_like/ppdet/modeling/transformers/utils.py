"""Deformable attention, written with numbers read from `.shape`: right in dygraph, wrong where that is not rewritten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import paddle
import paddle.nn.functional as F
from paddle import Tensor


def deformable_attention_core_func_v2(
    value: Tensor,
    value_spatial_shapes: Any,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    num_points_list: Sequence[int],
    sampling_method: str = "default",
) -> Tensor:
    """Look up each query's places on every level and blend what is found there.

    Args:
        value: `[batch, sum(height * across), heads, width]`.
        value_spatial_shapes: Height and width of each level.
        sampling_locations: `[batch, queries, heads, sum(points), 2]` in 0..1 as (x, y).
        attention_weights: `[batch, queries, heads, sum(points)]`.
        num_points_list: How many of the places lie on each level.
        sampling_method: `default` interpolates between cells, `discrete` takes the nearest one.

    Returns:
        `[batch, queries, heads * width]`.
    """
    batch, _, heads, width = value.shape
    queries = sampling_locations.shape[1]
    sides = [(side[0], side[1]) for side in value_spatial_shapes]
    levels = value.transpose([0, 2, 3, 1]).flatten(0, 1).split([height * across for height, across in sides], axis=-1)
    grids = sampling_locations.transpose([0, 2, 1, 3, 4]).flatten(0, 1).split(list(num_points_list), axis=-2)
    found = []
    for index, (height, across) in enumerate(sides):
        image = levels[index].reshape([batch * heads, width, height, across])
        if sampling_method == "default":
            found.append(F.grid_sample(image, 2 * grids[index] - 1, align_corners=False))
        else:
            found.append(nearest(image, grids[index]))
    shares = attention_weights.transpose([0, 2, 1, 3]).flatten(0, 1).unsqueeze(1)
    blended = (paddle.concat(found, axis=-1) * shares).sum(-1)
    return blended.reshape([batch, heads * width, queries]).transpose([0, 2, 1])


def nearest(image: Tensor, grid: Tensor) -> Tensor:
    """The cells of `image` [n, c, h, w] that are nearest to `grid` [n, q, p, 2] in 0..1: `[n, c, q, p]`."""
    count, width, height, across = image.shape
    queries, points = grid.shape[1:3]
    cells = (grid * paddle.to_tensor([across, height], dtype="float32") + 0.5).astype("int64")
    column = cells[..., 0].clip(0, across - 1).flatten(1)
    row = cells[..., 1].clip(0, height - 1).flatten(1)
    which = paddle.arange(count).unsqueeze(-1).tile([1, queries * points])
    taken = image.transpose([0, 2, 3, 1])[which, row, column]
    return taken.transpose([0, 2, 1]).reshape([count, width, queries, points])


def deformable_attention_core_func(
    value: Tensor,
    value_spatial_shapes: Any,
    value_level_start_index: Any,
    sampling_locations: Tensor,
    attention_weights: Tensor,
) -> Tensor:
    """The same with equally many points on every level, interpolated.

    Args:
        value: `[batch, sum(height * across), heads, width]`.
        value_spatial_shapes: Height and width of each level.
        value_level_start_index: Not needed.
        sampling_locations: `[batch, queries, heads, levels, points, 2]` in 0..1 as (x, y).
        attention_weights: `[batch, queries, heads, levels, points]`.

    Returns:
        `[batch, queries, heads * width]`.
    """
    batch, _, heads, width = value.shape
    queries = sampling_locations.shape[1]
    columns = value.transpose([0, 2, 3, 1]).flatten(0, 1)
    found, start = [], 0
    for level, (height, across) in enumerate(value_spatial_shapes):
        image = columns[:, :, start : start + height * across].reshape([batch * heads, width, height, across])
        grid = sampling_locations[:, :, :, level].transpose([0, 2, 1, 3, 4]).flatten(0, 1)
        found.append(F.grid_sample(image, 2 * grid - 1, align_corners=False))
        start += height * across
    shares = attention_weights.flatten(3, 4).transpose([0, 2, 1, 3]).flatten(0, 1).unsqueeze(1)
    blended = (paddle.concat(found, axis=-1) * shares).sum(-1)
    return blended.reshape([batch, heads * width, queries]).transpose([0, 2, 1])


def directions(heads: int, points: Sequence[int]) -> Tensor:
    """Where each head looks at first: `[heads, sum(points), 2]`, a direction a head, and a step further a point."""
    angles = paddle.arange(heads, dtype="float32") * (2 * math.pi / heads)
    ways = paddle.stack([angles.cos(), angles.sin()], axis=-1)
    ways = ways / ways.abs().max(axis=-1, keepdim=True)
    steps = paddle.concat([paddle.arange(1, count + 1, dtype="float32") for count in points])
    return ways.unsqueeze(1) * steps.reshape([1, -1, 1])
