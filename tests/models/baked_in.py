"""A width kept from the last run in dygraph: the export is for that width alone."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST503"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.width = 0

    def forward(self, x: Tensor) -> Tensor:
        if paddle.in_dynamic_mode():
            self.width = x.shape[1]
        return x.reshape([-1, self.width]).sum(axis=1)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape([-1, x.shape[1]]).sum(axis=1)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
