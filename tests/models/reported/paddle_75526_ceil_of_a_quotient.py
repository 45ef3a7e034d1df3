"""PaddlePaddle/Paddle#75526: 168 / 7 is 24.000002 in float32, so rounding an unknown dim's quotient up gives 25."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = None
"""No dim leaked: rewritten code divides a tensor, and Paddle does so in float32 where Python has float64."""
LOUD = False
SIZES = [[(1, 100)], [(1, 168)]]


class Windows(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        count = paddle.ceil(paddle.to_tensor(x.shape[1] / 7))
        return x * 0 + count.astype("float32")


class WholeNumbers(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        count = paddle.to_tensor((x.shape[1] + 6) // 7)
        return x * 0 + count.astype("float32")


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Windows(), [InputSpec([None, None], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return WholeNumbers(), [InputSpec([None, None], name="x")]
