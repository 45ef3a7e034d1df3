"""NumPy cannot make a float of a tensor, and says why only in what its exception came from; in the healthy twin the size is known."""

from __future__ import annotations

import numpy as np
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (5, 4))


class Model(nn.Layer):
    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        count = x.shape[self.axis]
        return x.tanh() * np.float32(count * 2)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(axis=0), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(axis=1), spec()
