"""A float of -1, and 1: Paddle takes the reciprocal of what is divided by."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
CAUSE = "partial"
SHAPES = ((2, 3), (7, 3))


def smoothed(x: Tensor) -> Tensor:
    return x.tanh() / (float(x.shape[0]) + 1)


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.smoothed = functools.partial(smoothed)

    def forward(self, x: Tensor) -> Tensor:
        return self.smoothed(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return smoothed(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 3], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
