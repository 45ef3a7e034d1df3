"""PaddlePaddle/PaddleDetection#5498 (also 5771, 6105): anchors laid out for 640 x 640 meet an image of another size.

"Y = [8400, 2]": the reporter looks for the place where 8400 is defined. No dim leaked, two known dims differ.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST701"
LOUD = True
SIZES = [[(2, 3, 32, 32)], [(1, 3, 32, 32)]]


class Detector(nn.Layer):
    def __init__(self, eval_size: tuple[int, int]) -> None:
        super().__init__()
        self.head = nn.Conv2D(3, 2, 8, stride=8)
        rows, columns = paddle.meshgrid(paddle.arange(eval_size[0] // 8), paddle.arange(eval_size[1] // 8))
        centres = paddle.stack([columns, rows], axis=-1).reshape([-1, 2]).astype("float32")
        self.register_buffer("centres", centres)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        offsets = self.head(image).flatten(2).transpose([0, 2, 1])
        return (offsets + self.centres) * 8


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Detector((64, 64)), [InputSpec([None, 3, 32, 32], name="image")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Detector((32, 32)), [InputSpec([None, 3, 32, 32], name="image")]
