"""A list of -1 elements is empty."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST203"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def weight(x: Tensor) -> Tensor:
    return x * (0.5 + sum([0.25] * x.shape[1]))


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.weight = functools.partial(weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.weight(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x * (0.5 + 0.25 * x.shape[1])


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
