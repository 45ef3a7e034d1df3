"""NumPy computes with -1."""

from __future__ import annotations

import functools

import numpy as np
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST302"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def averaged(x: Tensor) -> Tensor:
    return x.sum(axis=1) * float(np.square(x.shape[1]))


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.averaged = functools.partial(averaged)

    def forward(self, x: Tensor) -> Tensor:
        return self.averaged(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return averaged(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
