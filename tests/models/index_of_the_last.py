"""The last column asked for by its number: -1 - 1 is the last but one."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


def last(x: Tensor) -> Tensor:
    width = x.shape[1]
    return x[:, width - 1] * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.last = functools.partial(last)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return last(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
