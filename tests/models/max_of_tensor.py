"""Rewritten code holds the dim as a tensor, which Python's `max` cannot take."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (2, 16))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) / max(x.shape[1], 1)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) / paddle.shape(x)[1].clip(min=1)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
