"""A scale that is a dim: Paddle's kernel reads the int tensor as float32, and every run fails."""

from __future__ import annotations

import paddle.nn.functional as F
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST703"
LOUD = False
CAUSE = ""
SHAPES = ((1, 2, 4, 8), (1, 2, 4, 16))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        times = x.shape[3] // 4
        return F.interpolate(x, scale_factor=times)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        times = x.shape[3] // 4
        return F.interpolate(x, scale_factor=float(times))


def spec() -> list[InputSpec]:
    return [InputSpec([1, 2, 4, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
