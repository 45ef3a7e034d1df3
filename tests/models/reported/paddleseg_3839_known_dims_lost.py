"""PaddlePaddle/PaddleSeg#3839 (also 1039, 2559, 3629): the input shape is fixed, the exported model has unknown dims.

`paddle.shape` hides a size that is known, and everything after the resize is unknown to the deployment tool.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = None
"""ST502 speaks of a dim that became a constant; here a constant became a dim, and the model is right all the same."""
LOUD = False
SIZES = [[(1, 3, 16, 16)], [(1, 3, 16, 16)]]


class Decoder(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2D(3, 2, 3, stride=2, padding=1)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return F.interpolate(self.down(image), size=paddle.shape(image)[2:], mode="bilinear")


class FixedDecoder(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2D(3, 2, 3, stride=2, padding=1)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return F.interpolate(self.down(image), size=image.shape[2:], mode="bilinear")


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Decoder(), [InputSpec([1, 3, 16, 16], name="image")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return FixedDecoder(), [InputSpec([1, 3, 16, 16], name="image")]
