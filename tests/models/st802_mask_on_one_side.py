"""A mask is made where there is more than one step: on the other side of that `if` it is None, and Paddle's placeholder is not."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = True
CAUSE = ""
SHAPES = ((1, 1), (2, 5))


class Masked(nn.Layer):
    def forward(self, keep: Tensor) -> Tensor:
        later = None
        if keep.shape[1] > 1:
            later = paddle.ones([keep.shape[1]]) * 0.5
        if later is not None:
            keep = keep * later
        return keep.sum() * 2.0


class AlwaysMasked(nn.Layer):
    def forward(self, keep: Tensor) -> Tensor:
        later = paddle.ones([keep.shape[1]])
        if keep.shape[1] > 1:
            later = later * 0.5
        return (keep * later).sum() * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Masked(), [InputSpec([-1, -1], "float32", name="keep")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return AlwaysMasked(), [InputSpec([-1, -1], "float32", name="keep")]
