"""PaddlePaddle/Paddle#38196: `for i in range(len(sizes))` over the batch, then `paddle.stack` of the list, fails.

Paddle 3.3.1 converts the thread's code (the healthy twin); what it does not rewrite still fails on `len`.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST804"
LOUD = True
SIZES = [[(2, 5, 4), (2, 2)], [(3, 5, 4), (3, 2)]]


@paddle.jit.not_to_static
def clip_each(boxes: paddle.Tensor, sizes: paddle.Tensor) -> paddle.Tensor:
    return paddle.stack([boxes[i] * sizes[i].max() for i in range(len(sizes))], axis=0)


class Skipped(nn.Layer):
    def forward(self, boxes: paddle.Tensor, sizes: paddle.Tensor) -> paddle.Tensor:
        return clip_each(boxes, sizes)


class Rewritten(nn.Layer):
    def forward(self, boxes: paddle.Tensor, sizes: paddle.Tensor) -> paddle.Tensor:
        clipped = []
        for i in range(len(sizes)):
            clipped.append(boxes[i] * sizes[i].max())
        return paddle.stack(clipped, axis=0)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Skipped(), [InputSpec([None, 5, 4], name="boxes"), InputSpec([None, 2], name="sizes")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), [InputSpec([None, 5, 4], name="boxes"), InputSpec([None, 2], name="sizes")]
