"""Rewritten code holds the dim as a tensor; NumPy goes through it as through a list of sizes, and finds none."""

from __future__ import annotations

import numpy as np
import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        weights = np.ones(x.shape[1], dtype="float32")
        return x.sum(axis=1) * float(weights.sum())


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        weights = paddle.ones([x.shape[1]], dtype="float32")
        return x.sum(axis=1) * weights.sum()


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
