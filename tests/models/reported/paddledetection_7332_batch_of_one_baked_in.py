"""PaddlePaddle/PaddleDetection#7332 (also 3507, 7131): the exported detector works for a batch of one and for no other.

The spec leaves the batch unknown, the model fixes it in a shape of its own.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST503"
LOUD = False
SIZES = [[(1, 4, 6)], [(3, 4, 6)]]


class Head(nn.Layer):
    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch
        self.linear = nn.Linear(6, 4)

    def forward(self, rois: paddle.Tensor) -> paddle.Tensor:
        deltas = self.linear(rois)
        if paddle.in_dynamic_mode():
            return deltas.reshape([rois.shape[0], 4, 2, 2])
        return deltas.reshape([self.batch, 4, 2, 2])


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Head(1), [InputSpec([None, 4, 6], name="rois")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Head(-1), [InputSpec([None, 4, 6], name="rois")]
