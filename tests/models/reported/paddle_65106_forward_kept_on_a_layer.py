"""PaddlePaddle/Paddle#65106: a class's `forward` kept on another layer and called through it is not rewritten.

The reporter folds two axes with `reshape([a * b, c])`; with an unknown `a` the program gets -256 for `a * b`.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(2, 6, 4)], [(5, 6, 4)]]


class Projection(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 3)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        rows, tokens, channels = x.shape
        return self.linear(x.reshape([rows * tokens, channels]))


class ThroughClass(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Projection()
        self.run = Projection.forward

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return self.run(self.inner, x)


class ThroughLayer(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Projection()

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return self.inner(x)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return ThroughClass(), [InputSpec([None, 6, 4], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return ThroughLayer(), [InputSpec([None, 6, 4], name="x")]
