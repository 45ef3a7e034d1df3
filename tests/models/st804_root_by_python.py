"""The mean of a picture is data, and Python is to take its root."""

from __future__ import annotations

import math

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST804"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class ByPython(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        strength = x.square().mean()
        return x / math.sqrt(strength)


class ByPaddle(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        strength = x.square().mean()
        return x / paddle.sqrt(strength)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return ByPython(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return ByPaddle(), [InputSpec([-1, 4], "float32", name="x")]
