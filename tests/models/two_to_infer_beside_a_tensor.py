"""A bare -1 beside the -1 to infer and a tensor: the conversion passes, and the export fails at every run."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3, 4), (3, 5, 2))


def folded(x: Tensor) -> Tensor:
    rows = x.shape[0]
    return x.reshape([rows, -1, paddle.shape(x)[2]]) * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.folded = functools.partial(folded)

    def forward(self, x: Tensor) -> Tensor:
        return self.folded(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return folded(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, -1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
