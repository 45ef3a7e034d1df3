"""A detector in miniature whose decoder is built like RT-DETRv2's, and which fails to export the way RT-DETRv2 does.

The one mistake is in `DeformableAttention.__init__`: the function that samples is held in a `functools.partial`.
Paddle's conversion runs partials as they are, so the dims that function reads are plain ints, and an unknown one is -1.
"""

from __future__ import annotations

import functools

import paddle
import paddle.nn.functional as F
from paddle import Tensor, nn

HEADS = 8
CHANNELS = 64
STRIDES = (8, 16, 32)
POINTS = (4, 2, 2)
"""How many places each query looks at on each level."""


def sample_levels(
    memory: Tensor,
    sizes: list[tuple[int, int]],
    places: Tensor,
    weights: Tensor,
    points: tuple[int, ...],
    sampling: str,
) -> Tensor:
    """Look every query's places up on every level, and blend what is found there.

    Args:
        memory: All levels, flattened: `[batch, sum(h * w), heads, width]`.
        sizes: Height and width of each level.
        places: Where to look, in 0..1: `[batch, queries, heads, sum(points), 2]` as (x, y).
        weights: How much each place counts: `[batch, queries, heads, sum(points)]`.
        points: How many of the places lie on each level.
        sampling: `default` interpolates between cells, `discrete` takes the cell hit.

    Returns:
        `[batch, queries, heads * width]`.
    """
    batch, _, heads, width = memory.shape
    queries = places.shape[1]
    maps = memory.transpose([0, 2, 3, 1]).reshape([batch * heads, width, -1])
    levels = maps.split([height * breadth for height, breadth in sizes], axis=-1)
    places = places.transpose([0, 2, 1, 3, 4]).flatten(0, 1).split(list(points), axis=-2)
    found = []
    for level, (height, breadth), where in zip(levels, sizes, places):
        grid = level.reshape([-1, width, height, breadth])
        if sampling == "discrete":
            found.append(take_cells(grid, where))
        else:
            found.append(F.grid_sample(grid, 2 * where - 1, padding_mode="zeros", align_corners=False))
    shares = weights.transpose([0, 2, 1, 3]).reshape([batch * heads, 1, queries, sum(points)])
    blended = (paddle.concat(found, axis=-1) * shares).sum(-1)
    return blended.reshape([batch, heads * width, queries]).transpose([0, 2, 1])


def take_cells(grid: Tensor, where: Tensor) -> Tensor:
    """Take the cell each place falls into.

    Args:
        grid: One level, a map a head: `[batch * heads, width, height, breadth]`.
        where: `[batch * heads, queries, points, 2]` in 0..1.

    Returns:
        `[batch * heads, width, queries, points]`.
    """
    maps, width, height, breadth = grid.shape
    queries, points = where.shape[1:3]
    cells = (where * paddle.to_tensor([breadth, height], dtype="float32")).floor().astype("int64")
    column = cells[..., 0].clip(0, breadth - 1).flatten(1)
    row = cells[..., 1].clip(0, height - 1).flatten(1)
    which = paddle.arange(maps).unsqueeze(-1).tile([1, queries * points])
    taken = grid.transpose([0, 2, 3, 1])[which, row, column]
    return taken.transpose([0, 2, 1]).reshape([maps, width, queries, points])


class DeformableAttention(nn.Layer):
    """Each query looks at a few places around its box, on every level of the pyramid."""

    def __init__(self, sampling: str, points: tuple[int, ...] = POINTS) -> None:
        super().__init__()
        self.points = points
        self.offsets = nn.Linear(CHANNELS, HEADS * sum(points) * 2)
        self.weights = nn.Linear(CHANNELS, HEADS * sum(points))
        self.value = nn.Linear(CHANNELS, CHANNELS)
        self.output = nn.Linear(CHANNELS, CHANNELS)
        self.core = functools.partial(sample_levels, points=points, sampling=sampling)

    def forward(self, query: Tensor, boxes: Tensor, memory: Tensor, sizes: list[tuple[int, int]]) -> Tensor:
        """Attend from `query` `[batch, queries, channels]` with `boxes` `[batch, queries, 4]` to `memory`."""
        batch, queries = query.shape[:2]
        memory = self.value(memory).reshape([batch, memory.shape[1], HEADS, CHANNELS // HEADS])
        offsets = self.offsets(query).reshape([batch, queries, HEADS, sum(self.points), 2])
        weights = self.weights(query).reshape([batch, queries, HEADS, sum(self.points)])
        around = boxes.unsqueeze([2, 3])
        places = around[..., :2] + 0.1 * offsets * around[..., 2:]
        return self.output(self.core(memory, sizes, places, F.softmax(weights, axis=-1)))


class DecoderLayer(nn.Layer):
    """Attention among the queries, attention to the image, and a feed-forward step."""

    def __init__(self, sampling: str) -> None:
        super().__init__()
        self.among = nn.MultiHeadAttention(CHANNELS, HEADS, dropout=0.0)
        self.image = DeformableAttention(sampling)
        self.forth = nn.Sequential(nn.Linear(CHANNELS, 2 * CHANNELS), nn.ReLU(), nn.Linear(2 * CHANNELS, CHANNELS))
        self.norms = nn.LayerList([nn.LayerNorm(CHANNELS) for _ in range(3)])

    def forward(self, query: Tensor, boxes: Tensor, memory: Tensor, sizes: list[tuple[int, int]]) -> Tensor:
        """Return the next `query`, of the same shape."""
        query = self.norms[0](query + self.among(query))
        query = self.norms[1](query + self.image(query, boxes, memory, sizes))
        return self.norms[2](query + self.forth(query))


class Decoder(nn.Layer):
    """Layers that each refine the boxes of the one before."""

    def __init__(self, layers: int, classes: int, sampling: str) -> None:
        super().__init__()
        self.layers = nn.LayerList([DecoderLayer(sampling) for _ in range(layers)])
        self.place = nn.Linear(4, CHANNELS)
        self.refine = nn.LayerList([nn.Linear(CHANNELS, 4) for _ in range(layers)])
        self.score = nn.Linear(CHANNELS, classes)

    def forward(
        self, query: Tensor, boxes: Tensor, memory: Tensor, sizes: list[tuple[int, int]]
    ) -> tuple[Tensor, Tensor]:
        """Return boxes `[batch, queries, 4]` in 0..1 and scores `[batch, queries, classes]`."""
        for layer, refine in zip(self.layers, self.refine):
            query = layer(query + self.place(boxes), boxes, memory, sizes)
            boxes = F.sigmoid(refine(query) + paddle.logit(boxes, eps=1e-5))
        return boxes, F.softmax(self.score(query), axis=-1)


class Detector(nn.Layer):
    """Backbone, pyramid of three levels, decoder.

    Args:
        size: Height and width of the images, a multiple of 32.
        sampling: `default` or `discrete`.
        layers: How many decoder layers.
        queries: How many boxes are proposed.
        classes: How many classes are told apart.
    """

    def __init__(
        self, size: int = 128, sampling: str = "default", layers: int = 3, queries: int = 20, classes: int = 5
    ) -> None:
        super().__init__()
        self.sizes = [(size // stride, size // stride) for stride in STRIDES]
        self.stem = nn.Conv2D(3, CHANNELS, kernel_size=8, stride=8)
        self.downs = nn.LayerList([nn.Conv2D(CHANNELS, CHANNELS, 3, stride=2, padding=1) for _ in STRIDES[1:]])
        self.query = nn.Embedding(queries, CHANNELS)
        self.box = nn.Embedding(queries, 4)
        self.decoder = Decoder(layers, classes, sampling)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return boxes `[batch, queries, 4]` and scores `[batch, queries, classes]` of `[batch, 3, size, size]`."""
        level = F.relu(self.stem(image))
        levels = [level]
        for down in self.downs:
            level = F.relu(down(level))
            levels.append(level)
        memory = paddle.concat([level.flatten(2).transpose([0, 2, 1]) for level in levels], axis=1)
        batch = image.shape[0]
        query = self.query.weight.unsqueeze(0).expand([batch, -1, -1])
        boxes = F.sigmoid(self.box.weight).unsqueeze(0).expand([batch, -1, -1])
        boxes, scores = self.decoder(query, boxes, memory, self.sizes)
        return boxes, scores
