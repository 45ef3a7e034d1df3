"""A tensor of five axes is transposed by an order of four, which Paddle 3.3 sees when the export runs."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST702"
LOUD = False
CAUSE = ""
SHAPES = ((2, 6, 4, 3, 2), (1, 6, 4, 3, 2))


class Sampler(nn.Layer):
    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, grids: Tensor) -> Tensor:
        return grids.transpose(self.order).flatten(0, 1) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Sampler((0, 2, 1, 3)), [InputSpec([-1, 6, 4, 3, 2], "float32", name="grids")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Sampler((0, 2, 1, 3, 4)), [InputSpec([-1, 6, 4, 3, 2], "float32", name="grids")]
