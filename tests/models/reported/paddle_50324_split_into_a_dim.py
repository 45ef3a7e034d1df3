"""PaddlePaddle/Paddle#50324: `paddle.split(x, n)` wants an int, and `n` read from an unknown dim is a tensor."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
SIZES = [[(5, 2)], [(4, 3)]]


class Columns(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return paddle.concat(paddle.split(x, x.shape[-1], axis=-1), axis=0) * 2


class Transposed(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x.transpose([1, 0]).reshape([-1, 1]) * 2


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Columns(), [InputSpec([None, None], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Transposed(), [InputSpec([None, None], name="x")]
