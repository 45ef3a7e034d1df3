"""An unknown dim as it is: a slice to -1 leaves out the last column."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST103"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def cut(x: Tensor) -> Tensor:
    width = x.shape[1]
    return x[:, :width] * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.cut = functools.partial(cut)

    def forward(self, x: Tensor) -> Tensor:
        return self.cut(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return cut(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
