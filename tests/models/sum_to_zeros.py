"""An unknown dim and 2: -1 + 2 is 1, and the padding is one row."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 4), (3, 4))


def padded(x: Tensor) -> Tensor:
    rows = x.shape[0]
    return paddle.concat([x * 2.0, paddle.zeros([rows + 2, 4])])


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.padded = functools.partial(padded)

    def forward(self, x: Tensor) -> Tensor:
        return self.padded(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return padded(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
