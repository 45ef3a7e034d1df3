"""PaddlePaddle/Paddle#50366: a `range` reached through a function call is not rewritten and refuses a tensor.

"'Variable' object cannot be interpreted as an integer": the bound of the loop is a tensor in rewritten code.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
SIZES = [[(2, 3)], [(4, 3)]]


class Indirect(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        total = paddle.zeros([3])
        for i in (lambda f: f)(range)(x.shape[0]):
            total = total * 0.5 + x[i]
        return total


class Plain(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        total = paddle.zeros([3])
        for i in range(x.shape[0]):
            total = total * 0.5 + x[i]
        return total


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Indirect(), [InputSpec([None, 3], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Plain(), [InputSpec([None, 3], name="x")]
