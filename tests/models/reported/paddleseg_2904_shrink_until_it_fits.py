"""PaddlePaddle/PaddleSeg#2904 (also 2732): the image is pooled in a loop until its size equals that of a feature map.

Paddle 3.3.1 converts the loop for the fixed shape of the thread (the healthy twin). With unknown sizes in code that it
skips, -1 equals -1 at once: the loop body runs a single time.
"""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = "ST201"
LOUD = False
SIZES = [[(1, 3, 16, 16)], [(2, 3, 16, 16)]]


def shrink(image: paddle.Tensor, feature: paddle.Tensor) -> paddle.Tensor:
    while True:
        image = F.avg_pool2d(image, kernel_size=3, stride=2, padding=1)
        if image.shape[2] == feature.shape[2]:
            break
    return image


class Reinforce(nn.Layer):
    def __init__(self, partial: bool) -> None:
        super().__init__()
        self.down = nn.Conv2D(3, 3, 3, stride=4, padding=1)
        self.shrink = functools.partial(shrink) if partial else shrink

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        feature = self.down(image)
        return feature + self.shrink(image, feature)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Reinforce(partial=True), [InputSpec([None, 3, None, None], name="image")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Reinforce(partial=False), [InputSpec([None, 3, 16, 16], name="image")]
