"""PaddlePaddle/PaddleMIX#689: a sanity check compares a tensor's shape with the expected one, which is undecided.

The two lists hold tensors in rewritten code; comparing them asks a tensor for its truth.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
SIZES = [[(2, 5, 8)], [(3, 6, 8)]]


class Checked(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        batch, length, _ = x.shape
        weights = paddle.bmm(x, x.transpose([0, 2, 1]))
        if weights.shape != [batch, length, length]:
            raise ValueError(f"attention weights should be {[batch, length, length]}, but are {weights.shape}")
        return nn.functional.softmax(weights)


class Unchecked(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return nn.functional.softmax(paddle.bmm(x, x.transpose([0, 2, 1])))


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Checked(), [InputSpec([None, None, 8], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Unchecked(), [InputSpec([None, None, 8], name="x")]
