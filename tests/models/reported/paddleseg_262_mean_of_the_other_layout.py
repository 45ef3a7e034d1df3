"""PaddlePaddle/PaddleSeg#262: `(image - mean) / std` with the image in one layout and the mean in the other.

"Operands could not be broadcast together": no dim leaked, two known dims differ.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST701"
LOUD = True
SIZES = [[(2, 8, 8, 3)], [(1, 8, 8, 3)]]


class Normalize(nn.Layer):
    def __init__(self, shape: list[int]) -> None:
        super().__init__()
        self.register_buffer("mean", paddle.to_tensor([0.4, 0.5, 0.6]).reshape(shape))

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        return (image / 255 - self.mean) / 0.5


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Normalize([1, 3, 1, 1]), [InputSpec([None, 8, 8, 3], name="image")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Normalize([1, 1, 1, 3]), [InputSpec([None, 8, 8, 3], name="image")]
