"""Python refuses the logarithm of 0, and the model's own `except` bakes its fallback in; the healthy twin asks for a known size."""

from __future__ import annotations

import functools
import math

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST301"
LOUD = False
CAUSE = "partial"
SHAPES = ((4, 3), (7, 3))


def scaled(x: Tensor, axis: int) -> Tensor:
    try:
        scale = math.log(x.shape[axis] + 1)
    except ValueError:
        scale = 1.0
    return x.tanh() * scale


class Model(nn.Layer):
    def __init__(self, axis: int) -> None:
        super().__init__()
        self.scaled = functools.partial(scaled, axis=axis)

    def forward(self, x: Tensor) -> Tensor:
        return self.scaled(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 3], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(axis=0), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(axis=1), spec()
