"""A loop over range(-1) does nothing."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST202"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def powers(x: Tensor) -> Tensor:
    total = x * 2.0
    for _ in range(x.shape[1]):
        total = total * 0.5
    return total


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.powers = functools.partial(powers)

    def forward(self, x: Tensor) -> Tensor:
        return self.powers(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return powers(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
