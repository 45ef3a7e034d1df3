"""PaddlePaddle/PaddleVideo#433: `reshape_([N * M, C, T, V])`, batch times people, becomes -M at export.

The authors gave up and exported with a batch of one.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(2, 3, 4, 5, 2)], [(3, 3, 4, 5, 2)]]


def fold_people(x: paddle.Tensor) -> paddle.Tensor:
    batch, channels, frames, joints, people = x.shape
    x = x.transpose([0, 4, 1, 2, 3]) * 1.5
    return x.reshape_([batch * people, channels, frames, joints])


class Mapped(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return next(map(fold_people, [x]))


class Called(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return fold_people(x)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Mapped(), [InputSpec([None, 3, 4, 5, 2], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Called(), [InputSpec([None, 3, 4, 5, 2], name="x")]
