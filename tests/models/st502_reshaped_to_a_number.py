"""A length kept from the last run in dygraph, and put in the place of the one that is to be dynamic."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST502"
LOUD = False
CAUSE = ""
SHAPES = ((2, 4, 8), (2, 6, 8))
DIMS = {"x": ("B", "T=2*k", 8)}


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.length = 0

    def forward(self, x: Tensor) -> Tensor:
        if paddle.in_dynamic_mode():
            self.length = x.shape[1]
        return x.reshape([-1, self.length, 8]).sum(axis=1)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        pairs = x.reshape([-1, x.shape[1] // 2, 16])
        joined = pairs.reshape([1, -1, 16])  # turns the batch constant in its place, and keeps it in another
        return joined.reshape([-1, x.shape[1], 8]).sum(axis=1)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, -1, 8], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
