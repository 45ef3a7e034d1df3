"""PaddlePaddle/PaddleSeg#941: a 0 in `reshape`'s shape ("keep this axis") stands at an index that the input lacks."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST702"
LOUD = True
SIZES = [[(2, 6, 4, 5)], [(3, 6, 4, 5)]]


class Shuffle(nn.Layer):
    def __init__(self, shape: list[int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x.reshape(self.shape) * 2


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Shuffle([0, 2, 3, -1, 0]), [InputSpec([None, 6, 4, 5], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Shuffle([0, 2, 3, -1, 5]), [InputSpec([None, 6, 4, 5], name="x")]
