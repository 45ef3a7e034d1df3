"""The kernel of a pooling is the size of its map, as in the PeleeNet of PaddleClas."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST703"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3, 4, 6), (5, 3, 7, 5))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.avg_pool2d(x * 2.0, kernel_size=x.shape[2:4]).flatten(1)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.adaptive_avg_pool2d(x * 2.0, 1).flatten(1)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 3, -1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
