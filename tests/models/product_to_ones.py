"""Two unknown dims multiplied: -1 * -1 is 1, and one row is made instead of h * w."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
CAUSE = "partial"
SHAPES = ((1, 2, 3), (1, 5, 4))


def cells(x: Tensor) -> Tensor:
    height, width = x.shape[1:]
    return paddle.ones([height * width, 1]) * x.mean()


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.cells = functools.partial(cells)

    def forward(self, x: Tensor) -> Tensor:
        return self.cells(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return cells(x)


def spec() -> list[InputSpec]:
    return [InputSpec([1, -1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
