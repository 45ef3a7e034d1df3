"""PaddlePaddle/Paddle#28670: `if x.shape[0] > 1` does not choose as it does in dygraph."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST201"
LOUD = False
SIZES = [[(1, 3)], [(4, 3)]]


class Batch:
    """Rows from which something can be subtracted; Python calls `__sub__`."""

    def __init__(self, rows: paddle.Tensor) -> None:
        self.rows = rows

    def __sub__(self, mean: paddle.Tensor) -> paddle.Tensor:
        if self.rows.shape[0] > 1:
            return self.rows - mean
        return self.rows * 2


class Operator(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return Batch(x) - x.mean(axis=0)


class Written(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        if x.shape[0] > 1:
            y = x - x.mean(axis=0)
        else:
            y = x * 2
        return y


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Operator(), [InputSpec([None, 3], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Written(), [InputSpec([None, 3], name="x")]
