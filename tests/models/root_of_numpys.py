"""NumPy's root of -1 is no number, which `int` refuses; in the healthy twin it is the root of a known size."""

from __future__ import annotations

import functools

import numpy as np
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST302"
LOUD = True
CAUSE = "partial"
SHAPES = ((4, 16), (9, 16))


def averaged(x: Tensor, axis: int) -> Tensor:
    return x / int(np.sqrt(x.shape[axis]))


class Model(nn.Layer):
    def __init__(self, axis: int) -> None:
        super().__init__()
        self.averaged = functools.partial(averaged, axis=axis)

    def forward(self, x: Tensor) -> Tensor:
        return self.averaged(x) * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 16], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(axis=0), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(axis=1), spec()
