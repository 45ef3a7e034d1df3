"""PaddlePaddle/Paddle#38224: the branch for "nothing detected" asks `boxes.shape[0] == 0` of a data-dependent dim.

The converted model never takes that branch, so an image without a detection fails in it.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST201"
LOUD = False
SIZES = [[(6,)], [(0,)]]


@paddle.jit.not_to_static
def best(boxes: paddle.Tensor) -> paddle.Tensor:
    if boxes.shape[0] == 0:
        return paddle.full([1, 1], -1, dtype="int64")
    return boxes.max(axis=0, keepdim=True)


class Detector(nn.Layer):
    def forward(self, scores: paddle.Tensor) -> paddle.Tensor:
        return best(paddle.nonzero(scores > 0)) + scores.shape[0]


class Padded(nn.Layer):
    def forward(self, scores: paddle.Tensor) -> paddle.Tensor:
        boxes = paddle.nonzero(scores > 0)
        boxes = paddle.concat([boxes, paddle.full([1, 1], -1, dtype="int64")])
        return boxes.max(axis=0, keepdim=True) + scores.shape[0]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Detector(), [InputSpec([None], name="scores")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Padded(), [InputSpec([None], name="scores")]
