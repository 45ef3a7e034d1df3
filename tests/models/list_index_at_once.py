"""A list is made and indexed by -1 at once, so that no variable holds it: the last element, whatever the size."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST203"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def gained(x: Tensor) -> Tensor:
    return x * [float(size) for size in range(16)][x.shape[1]]


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.gained = functools.partial(gained)

    def forward(self, x: Tensor) -> Tensor:
        return self.gained(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x * paddle.to_tensor([float(size) for size in range(16)])[x.shape[1]]


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
