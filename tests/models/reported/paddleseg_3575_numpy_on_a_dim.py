"""PaddlePaddle/PaddleSeg#3575: `int(np.ceil(height / window))` fails, since rewritten code has a tensor there."""

from __future__ import annotations

import numpy as np
import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
SIZES = [[(2, 3, 14, 9)], [(1, 3, 7, 21)]]


class NumpyCeil(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        _, _, height, width = x.shape
        rows = int(np.ceil(height / 7)) * 7
        columns = int(np.ceil(width / 7)) * 7
        return paddle.ones([1, rows, columns, 1]) * x.mean()


class WholeNumbers(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        _, _, height, width = x.shape
        rows = (height + 6) // 7 * 7
        columns = (width + 6) // 7 * 7
        return paddle.ones([1, rows, columns, 1]) * x.mean()


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return NumpyCeil(), [InputSpec([None, 3, None, None], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return WholeNumbers(), [InputSpec([None, 3, None, None], name="x")]
