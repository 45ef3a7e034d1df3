"""PaddlePaddle/PaddleSeg#1498 (also 553): `F.interpolate(x, size=feature.shape[2:])` gets -1 and refuses it.

"Each dimension size given in out_shape must be greater than 0."
"""

from __future__ import annotations

from collections.abc import Callable

import paddle
from paddle import nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(1, 3, 8, 8)], [(2, 3, 12, 10)]]

RESIZE: dict[str, Callable[[paddle.Tensor, paddle.Tensor], paddle.Tensor]] = {
    "bilinear": lambda x, like: F.interpolate(x, size=like.shape[2:], mode="bilinear"),
}


class Table(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2D(3, 3, 3, stride=2, padding=1)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return RESIZE["bilinear"](self.down(image), image)


class Written(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2D(3, 3, 3, stride=2, padding=1)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return F.interpolate(self.down(image), size=image.shape[2:], mode="bilinear")


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Table(), [InputSpec([None, 3, None, None], name="image")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Written(), [InputSpec([None, 3, None, None], name="image")]
