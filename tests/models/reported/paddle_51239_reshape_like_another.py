"""PaddlePaddle/Paddle#51239: `paddle.reshape(a, b.shape)` in a converted model uses a shape that `b` does not have."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(2, 12), (2, 3, 4)], [(3, 10), (3, 5, 2)]]


def reshape_like(a: paddle.Tensor, b: paddle.Tensor) -> paddle.Tensor:
    return paddle.reshape(a, getattr(b, "shape"))  # noqa: B009


class Getattr(nn.Layer):
    def forward(self, a: paddle.Tensor, b: paddle.Tensor) -> paddle.Tensor:
        return reshape_like(a, b) + b


class Attribute(nn.Layer):
    def forward(self, a: paddle.Tensor, b: paddle.Tensor) -> paddle.Tensor:
        return paddle.reshape(a, b.shape) + b


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Getattr(), [InputSpec([None, None], name="a"), InputSpec([None, None, None], name="b")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Attribute(), [InputSpec([None, None], name="a"), InputSpec([None, None, None], name="b")]
