"""Two branches agree on their height for an even one only, and the input spec fixes an odd one."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST701"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3, 8, 8), (1, 3, 8, 8))


class Branches(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2D(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.pool(x)
        strided = x[:, :, ::2, ::2]
        return paddle.concat([pooled, strided], axis=1) * 2.0


def spec(height: int) -> list[InputSpec]:
    return [InputSpec([-1, 3, height, 8], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Branches(), spec(9)


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Branches(), spec(8)
