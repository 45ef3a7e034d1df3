"""Rewritten code holds the dim as an int tensor, and Paddle computes its power in whole numbers: a scale of 0."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.shape[1] ** -1


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.shape[1] ** -1.0


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
