"""PaddlePaddle/Paddle#53759: padding an image up to a multiple of eight works only for a fixed height and width."""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
SIZES = [[(1, 3, 16, 24)], [(2, 3, 13, 18)]]


def to_multiple(image: paddle.Tensor, unit: int) -> paddle.Tensor:
    _, _, height, width = image.shape
    down = (unit - height % unit) % unit
    right = (unit - width % unit) % unit
    return F.pad(image, [0, right, 0, down])


class Stage(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.prepare = functools.partial(to_multiple, unit=8)
        self.conv = nn.Conv2D(3, 4, 1)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return self.conv(self.prepare(image))


class Rewritten(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2D(3, 4, 1)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return self.conv(to_multiple(image, unit=8))


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Stage(), [InputSpec([None, 3, None, None], name="image")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), [InputSpec([None, 3, None, None], name="image")]
