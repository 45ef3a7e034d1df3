"""A dim kept on the layer by code that was not rewritten, used by code that was."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST402"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.width = 0
        self.note = functools.partial(self.keep)

    def keep(self, x: Tensor) -> Tensor:
        self.width = x.shape[1]
        return x * 2.0

    def forward(self, x: Tensor) -> Tensor:
        return self.note(x).sum(axis=1) * self.width


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return (x * 2.0).sum(axis=1) * x.shape[1]


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
