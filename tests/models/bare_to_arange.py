"""An unknown dim as it is: arange(-1) is empty."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST103"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 4), (3, 4))


def positions(x: Tensor) -> Tensor:
    return paddle.arange(x.shape[0]).astype("float32") * x.mean()


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.positions = functools.partial(positions)

    def forward(self, x: Tensor) -> Tensor:
        return self.positions(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return positions(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
