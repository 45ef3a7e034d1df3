"""Paddle converts `int(n)` of a dim that is a tensor, and not the `int` that `map` calls."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3, 4), (5, 7, 4))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        batch, height, width = map(int, x.shape)
        return x.reshape([batch, height * width]) * height


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        batch, height, width = [int(size) for size in x.shape]
        return x.reshape([batch, height * width]) * height


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), [InputSpec([-1, -1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), [InputSpec([-1, -1, 4], "float32", name="x")]
