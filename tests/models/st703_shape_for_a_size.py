"""A whole shape is given for one size, as in the VITS of PaddleSpeech, where it is that of a tensor without axes."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST703"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (5, 4))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        size = paddle.shape(x)
        return paddle.zeros([size, 8]) + x.sum()


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        size = paddle.shape(x)
        return paddle.zeros([size[0], 8]) + x.sum()


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
