"""Rewritten code holds the dim as a tensor, which `math.ceil` cannot take."""

from __future__ import annotations

import math

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x[:, : math.ceil(x.shape[1] / 2)] * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x[:, : (x.shape[1] + 1) // 2] * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
