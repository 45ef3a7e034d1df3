"""A loop over a tensor assigns a variable in its first turn, and needs it in the others: its body is part of the program once."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = True
CAUSE = ""
SHAPES = ((1, 4), (3, 4))


class Summed(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        for i in range(x.shape[0]):
            if i == 0:
                total = x[i] * 2.0
            else:
                total = total + x[i] * 2.0
        return total * 3.0


class FromZero(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        total = paddle.zeros([4])
        for i in range(x.shape[0]):
            total = total + x[i] * 2.0
        return total * 3.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Summed(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return FromZero(), [InputSpec([-1, 4], "float32", name="x")]
