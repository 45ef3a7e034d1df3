"""PaddlePaddle/Paddle#57771: `paddle.unbind` along the batch, to loop over the images, cannot be converted.

How many tensors the op returns depends on a dim that is unknown; no dim is read by Python at all.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = None
"""No rule speaks of an op that needs to know the size of an axis: nothing leaked, no operands clash."""
LOUD = True
SIZES = [[(2, 3)], [(4, 3)]]


class Unbind(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return paddle.stack([row * row.max() for row in paddle.unbind(x, axis=0)])


class AllAtOnce(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x * x.max(axis=1, keepdim=True)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Unbind(), [InputSpec([None, 3], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return AllAtOnce(), [InputSpec([None, 3], name="x")]
