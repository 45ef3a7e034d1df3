"""PaddlePaddle/Paddle#67032 (also PaddlePaddle/PaddleOCR#13556): sizes arrive as data and are turned into Python ints.

`counts.tolist()` cannot work while the program is built: the numbers are a tensor's values, not its dims.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST804"
LOUD = True
SIZES = [[(6, 4), (2,)], [(9, 4), (2,)]]


class Recover(nn.Layer):
    def forward(self, texts: paddle.Tensor, counts: paddle.Tensor) -> paddle.Tensor:
        rows, _ = counts.tolist()
        return texts[:rows] * 2


class Sliced(nn.Layer):
    def forward(self, texts: paddle.Tensor, counts: paddle.Tensor) -> paddle.Tensor:
        return texts[: counts[0]] * 2


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Recover(), [InputSpec([None, 4], name="texts"), InputSpec([2], "int64", name="counts")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Sliced(), [InputSpec([None, 4], name="texts"), InputSpec([2], "int64", name="counts")]
