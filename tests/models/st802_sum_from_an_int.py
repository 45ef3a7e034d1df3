"""A loop over the batch sums floats from 0, an int: Paddle goes by the dtype that the sum has before the loop, and no run survives that."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = False
CAUSE = ""
SHAPES = ((1, 4), (3, 4))


class FromInt(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        total = 0
        for i in range(x.shape[0]):
            total = total + x[i] * 2.0
        return total * 3


class FromZeros(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        total = paddle.zeros([4])
        for i in range(x.shape[0]):
            total = total + x[i] * 2.0
        return total * 3


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return FromInt(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return FromZeros(), [InputSpec([-1, 4], "float32", name="x")]
