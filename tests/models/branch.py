"""A comparison decides on -1."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST201"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def scaled(x: Tensor) -> Tensor:
    if x.shape[1] > 7:
        return x * 3.0
    return x * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.scaled = functools.partial(scaled)

    def forward(self, x: Tensor) -> Tensor:
        return self.scaled(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return scaled(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
