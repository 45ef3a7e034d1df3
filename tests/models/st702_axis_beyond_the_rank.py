"""The input spec lacks an axis that the model sums over."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST702"
LOUD = True
CAUSE = ""
SHAPES = ((2, 8, 4), (3, 8, 4))


class Summing(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        scaled = x * 2.0
        return scaled.sum(axis=2)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Summing(), [InputSpec([-1, 32], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Summing(), [InputSpec([-1, 8, 4], "float32", name="x")]
