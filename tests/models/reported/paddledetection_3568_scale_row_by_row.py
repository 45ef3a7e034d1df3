"""PaddlePaddle/PaddleDetection#3568: boxes are scaled in `for i in range(boxes.shape[0])`, over an unknown batch.

In code that is skipped `range(-1)` is empty, so the exported model returns boxes that nobody scaled.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST202"
LOUD = False
SIZES = [[(2, 5, 4), (2, 4)], [(3, 5, 4), (3, 4)]]


@paddle.jit.not_to_static
def to_original(boxes: paddle.Tensor, scale: paddle.Tensor) -> paddle.Tensor:
    boxes = boxes * 1.0
    for i in range(boxes.shape[0]):
        boxes[i] = boxes[i] / scale[i]
    return boxes


class Looping(nn.Layer):
    def forward(self, boxes: paddle.Tensor, scale: paddle.Tensor) -> paddle.Tensor:
        return to_original(boxes, scale) * scale.mean()


class AllAtOnce(nn.Layer):
    def forward(self, boxes: paddle.Tensor, scale: paddle.Tensor) -> paddle.Tensor:
        return boxes / scale.unsqueeze(1) * scale.mean()


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Looping(), [InputSpec([None, 5, 4], name="boxes"), InputSpec([None, 4], name="scale")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return AllAtOnce(), [InputSpec([None, 5, 4], name="boxes"), InputSpec([None, 4], name="scale")]
