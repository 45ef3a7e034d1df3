"""The best of all samples is looked for in a loop over the batch, and is None before it: what the loop makes is not there after it."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = True
CAUSE = ""
SHAPES = ((1, 4), (3, 4))


class FromNone(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        best = None
        for i in range(x.shape[0]):
            sample = x[i] * 2.0
            best = sample if best is None else paddle.maximum(best, sample)
        return best


class FromTheFirst(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        best = x[0] * 2.0
        for i in range(x.shape[0]):
            best = paddle.maximum(best, x[i] * 2.0)
        return best


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return FromNone(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return FromTheFirst(), [InputSpec([-1, 4], "float32", name="x")]
