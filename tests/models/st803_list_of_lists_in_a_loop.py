"""A loop over the batch keeps a shape, which is a list, beside each tensor."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST803"
LOUD = True
CAUSE = ""
SHAPES = ((1, 5, 4), (3, 6, 4))


class Boxes(nn.Layer):
    def forward(self, feats: Tensor) -> Tensor:
        boxes, sizes = [], []
        for i in range(feats.shape[0]):
            box = feats[i] * 2.0
            boxes.append(box)
            sizes.append(box.shape)
        return paddle.stack(boxes).sum() * sizes[0][0]


class BoxesAndSizes(nn.Layer):
    def forward(self, feats: Tensor) -> Tensor:
        boxes, sizes = [], []
        for i in range(feats.shape[0]):
            box = feats[i] * 2.0
            boxes.append(box)
            sizes.append(paddle.shape(box)[0])
        return paddle.stack(boxes).sum() * paddle.stack(sizes)[0].astype("float32")


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Boxes(), [InputSpec([-1, -1, 4], "float32", name="feats")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return BoxesAndSizes(), [InputSpec([-1, -1, 4], "float32", name="feats")]
