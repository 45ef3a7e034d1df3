"""`paddle.where` broadcasts in Paddle's own code, by the sizes that it sees: a slice of one row is as unknown there as all rows."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST503"
LOUD = False
CAUSE = ""
SHAPES = ((2, 6), (3, 9))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return paddle.where(x > 0, x, x[:1])


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return paddle.where(x > 0, x, x[:1] + paddle.zeros_like(x))


def spec() -> list[InputSpec]:
    return [InputSpec([-1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
