"""PaddlePaddle/PaddleDetection#9211 (also 9140, 9281): attention core kept as a `functools.partial` breaks the export.

`batch * heads` becomes -8 in the partial, which Paddle runs without rewriting it, and `reshape` refuses the number.
"""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(2, 10, 32)], [(3, 10, 32)]]


def split_heads(value: paddle.Tensor, heads: int) -> paddle.Tensor:
    batch, length, width = value.shape
    value = value.reshape([batch, length, heads, width // heads]).transpose([0, 2, 3, 1])
    return value.reshape([batch * heads, width // heads, length])


class Partial(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(32, 32)
        self.core = functools.partial(split_heads, heads=8)

    def forward(self, memory: paddle.Tensor) -> paddle.Tensor:
        return self.core(self.linear(memory))


class Direct(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(32, 32)

    def forward(self, memory: paddle.Tensor) -> paddle.Tensor:
        return split_heads(self.linear(memory), heads=8)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Partial(), [InputSpec([None, 10, 32], name="memory")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Direct(), [InputSpec([None, 10, 32], name="memory")]
