"""Python takes a tensor apart along an axis that the spec leaves unknown."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST805"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (2, 6))


class Pair(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        first, second = x * 2.0
        return (first * second).sum() * 3.0


class PairByIndex(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        doubled = x * 2.0
        first, second = doubled[0], doubled[1]
        return (first * second).sum() * 3.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Pair(), [InputSpec([-1, -1], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return PairByIndex(), [InputSpec([-1, -1], "float32", name="x")]
