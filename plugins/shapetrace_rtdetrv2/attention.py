"""Multi-scale deformable attention that holds for any batch, query length and map size.

The computation is the definition: every query of every head looks at a few places of every feature map
and takes the weighted sum of what it finds there,

    out[b, q, m] = sum over levels l and points p of  weight[b, q, m, l, p] * map_l[b, m](location[b, q, m, l, p])

where `map(location)` interpolates bilinearly, or takes the nearest cell for the discrete method.

It is written so that no dim needs to be known as a Python number: the rows of the batch are inferred
(`-1`) or kept (`0`), and the few numbers that are needed otherwise come from the tensors themselves.
That makes it right in code that Paddle's conversion rewrites and in code that it runs as it stands.
Where the dims are known it does, op for op, what PaddleDetection does, and so gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Size = Any  # an int, or a tensor of one element
METHODS = ("default", "discrete")


def attend(
    value: Any,
    spatial_shapes: Any,
    locations: Any,
    weights: Any,
    num_points: Sequence[int],
    method: str = "default",
) -> Any:
    """Multi-scale deformable attention.

    Args:
        value: `[batch, length, heads, width]`, the feature maps flattened and concatenated along `length`.
        spatial_shapes: Height and width of each map: pairs of ints or tensors, or a tensor `[levels, 2]`.
        locations: `[batch, queries, heads, points, 2]`, x and y, 0 to 1 over the map; the points of the first
            level first.
        weights: `[batch, queries, heads, points]`.
        num_points: How many of the points belong to each level.
        method: `default` interpolates bilinearly, with zeros around the map; `discrete` takes the nearest cell,
            clipped to the map.

    Returns:
        `[batch, queries, heads * width]`.

    Raises:
        ValueError: The arguments do not fit together; the text names the two that clash.
    """
    import paddle

    levels = _pairs(spatial_shapes)
    check(value, levels, locations, weights, num_points, method)
    heads, width = value.shape[2], value.shape[3]
    batch, queries = _known(value.shape[0]), _known(locations.shape[1])
    rows = -1 if batch is None else batch * heads

    maps = value.transpose([0, 2, 3, 1]).flatten(0, 1).split([height * across for height, across in levels], axis=-1)
    places = 2 * locations - 1 if method == "default" else locations
    per_level = places.transpose([0, 2, 1, 3, 4]).flatten(0, 1).split(list(num_points), axis=-2)
    found = []
    for (height, across), flat, grid in zip(levels, maps, per_level, strict=True):
        image = flat.reshape([rows, width, height, across])
        if method == "default":
            found.append(_bilinear(image, grid))
        else:
            found.append(_nearest(image, grid, height, across, rows, width, queries))

    mixed = (paddle.concat(found, axis=-1) * weights.transpose([0, 2, 1, 3]).flatten(0, 1).unsqueeze(1)).sum(-1)
    if queries is not None:
        return mixed.reshape([-1 if batch is None else batch, heads * width, queries]).transpose([0, 2, 1])
    # Keeping the queries as axis 0 leaves one dim to infer, the batch: no number is needed.
    return mixed.transpose([2, 0, 1]).reshape([0, -1, heads * width]).transpose([1, 0, 2])


def attend_evenly(value: Any, spatial_shapes: Any, locations: Any, weights: Any) -> Any:
    """The older form, with equally many points in every level.

    Args:
        value: As `attend` takes it.
        spatial_shapes: As `attend` takes them.
        locations: `[batch, queries, heads, levels, points, 2]`.
        weights: `[batch, queries, heads, levels, points]`.

    Returns:
        `[batch, queries, heads * width]`.

    Raises:
        ValueError: As `attend`.
    """
    if len(locations.shape) != 6 or len(weights.shape) != 5:
        raise ValueError(
            "deformable attention: sampling_locations is [batch, queries, heads, levels, points, 2] and "
            f"attention_weights the same without the 2; they have the shapes {list(locations.shape)} and "
            f"{list(weights.shape)}"
        )
    levels, points = locations.shape[3], locations.shape[4]
    return attend(value, spatial_shapes, locations.flatten(3, 4), weights.flatten(3, 4), [points] * levels)


def _bilinear(image: Any, grid: Any) -> Any:
    """Values of `image` [n, c, h, w] at `grid` [n, q, p, 2], -1 to 1 over the image; `[n, c, q, p]`."""
    import paddle.nn.functional as F

    return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _nearest(image: Any, grid: Any, height: Size, across: Size, rows: int, width: int, queries: int | None) -> Any:
    """Values of `image` [n, c, h, w] in the cells nearest to `grid` [n, q, p, 2], 0 to 1; `[n, c, q, p]`."""
    import paddle

    if isinstance(height, int) and isinstance(across, int):
        scale = paddle.to_tensor([[across, height]], dtype=paddle.float32)
    else:
        sides = [paddle.full([1], side, "float32") if isinstance(side, int) else side for side in (across, height)]
        scale = paddle.concat([side.astype("float32").reshape([1]) for side in sides]).reshape([1, 2])
    cells = (grid * scale + 0.5).astype(paddle.int64).flatten(1, 2)
    row, column = _clip(cells[:, :, 1], height), _clip(cells[:, :, 0], across)
    count = paddle.shape(image)[0].astype("int64") if rows < 0 else rows
    which = paddle.arange(count, dtype="int64").unsqueeze(-1).expand_as(row)
    picked = image[which, :, row, column].transpose([0, 2, 1])
    points = grid.shape[2]
    if queries is None:
        return picked.reshape([0, width, -1, points])
    return picked.reshape([rows, width, queries, points])


def _clip(index: Any, size: Size) -> Any:
    """`index` clipped to what a side of that size has."""
    import paddle

    if isinstance(size, int):
        return index.clip(0, size - 1)
    return paddle.minimum(index.clip(min=0), size.astype("int64") - 1)


def _known(dim: Any) -> int | None:
    """The dim where it is known. An unknown one is negative, or an int of a watch's own kind."""
    return dim if type(dim) is int and dim >= 0 else None


def _pairs(spatial_shapes: Any) -> list[tuple[Size, Size]]:
    """Height and width of each level: ints where they are known, else tensors of one element."""
    import paddle

    if hasattr(spatial_shapes, "astype") and paddle.in_dynamic_mode():
        spatial_shapes = spatial_shapes.tolist()
    if not isinstance(spatial_shapes, list | tuple) and len(spatial_shapes.shape) == 2:
        spatial_shapes = [spatial_shapes[level] for level in range(spatial_shapes.shape[0])]
    pairs = []
    for pair in spatial_shapes:
        height, across = (pair[0], pair[1])
        pairs.append((_side(height), _side(across)))
    return pairs


def _side(side: Any) -> Size:
    if hasattr(side, "astype"):
        import paddle

        return int(side) if paddle.in_dynamic_mode() else side
    if side < 0:
        raise ValueError(
            f"deformable attention: a feature map has the side {side}: the code that read it from `.shape` "
            "was not rewritten by the conversion, so it got the -1 of an unknown dim"
        )
    return int(side)


def check(
    value: Any,
    levels: Sequence[tuple[Size, Size]],
    locations: Any,
    weights: Any,
    num_points: Sequence[int],
    method: str,
) -> None:
    """Raise a ValueError that names the two arguments of `attend` that do not fit together."""

    def fail(text: str) -> None:
        raise ValueError(f"deformable attention: {text}")

    if method not in METHODS:
        fail(f"the sampling method is {method!r}; it is 'default' or 'discrete'")
    for name, tensor, axes in (
        ("value", value, "batch, length, heads, width"),
        ("sampling_locations", locations, "batch, queries, heads, points, 2"),
        ("attention_weights", weights, "batch, queries, heads, points"),
    ):
        if len(tensor.shape) != axes.count(",") + 1:
            fail(f"{name} has the shape {list(tensor.shape)}; it is [{axes}]")
    if _known(value.shape[2]) is None or _known(value.shape[3]) is None:
        fail(f"the heads and their width must be known, and value has the shape {list(value.shape)}")
    if len(levels) != len(num_points):
        fail(f"spatial shapes are given for {len(levels)} levels, and numbers of points for {len(num_points)}")
    if _differ(locations.shape[4], 2):
        fail(f"a sampling location has {locations.shape[4]} coordinates; it has 2")

    points = sum(num_points)
    pairs = (
        ("heads", "value", value.shape[2], "sampling_locations", locations.shape[2]),
        ("heads", "value", value.shape[2], "attention_weights", weights.shape[2]),
        ("points", "the list of levels", points, "sampling_locations", locations.shape[3]),
        ("points", "the list of levels", points, "attention_weights", weights.shape[3]),
        ("queries", "sampling_locations", locations.shape[1], "attention_weights", weights.shape[1]),
        ("images in the batch", "value", value.shape[0], "sampling_locations", locations.shape[0]),
        ("images in the batch", "value", value.shape[0], "attention_weights", weights.shape[0]),
    )
    for what, one, ours, other, theirs in pairs:
        if _differ(ours, theirs):
            fail(f"{one} has {ours} {what}, and {other} has {theirs}")
    if all(isinstance(side, int) for pair in levels for side in pair):
        length = sum(height * across for height, across in levels)
        if _differ(value.shape[1], length):
            fail(f"value has the length {value.shape[1]}, and the spatial shapes add up to {length}")


def _differ(one: Any, other: Any) -> bool:
    """Whether both dims are known and differ."""
    return _known(one) is not None and _known(other) is not None and bool(one != other)
