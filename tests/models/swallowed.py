"""Paddle's refusal is swallowed by the model's own `except`, and the fallback is baked in."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 4), (3, 4))


def merge(x: Tensor, heads: int) -> Tensor:
    try:
        return x.reshape([x.shape[0] * heads, 4 // heads]).sum(axis=1)
    except AssertionError:
        return x.sum(axis=1)


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.merge = functools.partial(merge, heads=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(x) * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape([-1, 2]).sum(axis=1) * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
