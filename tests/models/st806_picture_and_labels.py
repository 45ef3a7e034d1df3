"""A picture in float32 is joined with labels that are counted, in int64."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST806"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Joined(nn.Layer):
    def __init__(self, dtype: str) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        labels = paddle.argmax(x, axis=1, keepdim=True).astype(self.dtype)
        return paddle.concat([x, labels], axis=1) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Joined("int64"), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Joined("float32"), [InputSpec([-1, 4], "float32", name="x")]
