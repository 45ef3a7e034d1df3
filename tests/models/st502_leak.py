"""A batch that leaks, and of which nothing is left in the output."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST502"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 4), (5, 4))
DIMS = {"x": ("B", 4)}


def padded(x: Tensor, more: int) -> Tensor:
    batch = x.shape[0]
    return paddle.zeros([batch + more, 4]) + x.mean(axis=0)


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.padded = functools.partial(padded, more=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.padded(x) * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return padded(x, 2) * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
