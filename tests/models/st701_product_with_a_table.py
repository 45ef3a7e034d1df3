"""The input spec has a length the model was not made for: a folded axis misses the table it is multiplied with."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST701"
LOUD = True
CAUSE = ""
SHAPES = ((2, 8, 16), (3, 8, 16))


class Folding(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.table = self.create_parameter([128, 5])

    def forward(self, x: Tensor) -> Tensor:
        folded = x.flatten(1)
        return paddle.matmul(folded, self.table) * 2.0


def spec(length: int) -> list[InputSpec]:
    return [InputSpec([-1, length, 16], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Folding(), spec(10)


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Folding(), spec(8)
