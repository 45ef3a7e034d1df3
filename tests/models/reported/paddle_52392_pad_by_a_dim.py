"""PaddlePaddle/Paddle#52392 (also 49573, 49786, 50100): `F.pad(x, (0, 0, 0, x.shape[3]))` cannot be exported.

Paddle 3.3.1 converts the thread's code (the healthy twin); in code that it skips, a padding of -1 silently crops a row.
"""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = "ST103"
LOUD = False
SIZES = [[(2, 1, 8, 6)], [(3, 1, 8, 9)]]


def pad_axis(x: paddle.Tensor, axis: int) -> paddle.Tensor:
    return F.pad(x, (0, 0, 0, x.shape[axis]), mode="constant", value=0.0)


class Reduced(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2D(1, 4, 3)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return functools.reduce(pad_axis, [3], self.conv(x))


class Called(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2D(1, 4, 3)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return pad_axis(self.conv(x), 3)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Reduced(), [InputSpec([None, 1, 8, None], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Called(), [InputSpec([None, 1, 8, None], name="x")]
