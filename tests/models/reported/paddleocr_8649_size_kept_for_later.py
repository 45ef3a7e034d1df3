"""PaddlePaddle/PaddleOCR#8649: `size = residual.shape`, then `reshape([size[0], size[1], -1])`, fails at export."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(2, 4, 3, 6)], [(3, 4, 3, 6)]]


def enhance(layer: nn.Layer, inputs: tuple[paddle.Tensor], residual: paddle.Tensor) -> paddle.Tensor:
    size = residual.shape
    residual = residual.reshape([size[0], size[1], -1])
    residual = nn.functional.softmax(residual, axis=-1)
    return residual.reshape([size[0], size[1], size[2], size[3]])


class Hooked(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2D(4, 4, 1)
        self.conv.register_forward_post_hook(enhance)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return self.conv(x)


class Called(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2D(4, 4, 1)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return enhance(self.conv, (x,), self.conv(x))


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Hooked(), [InputSpec([None, 4, 3, 6], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Called(), [InputSpec([None, 4, 3, 6], name="x")]
