"""`x[:1]` has an axis of 1, which Paddle calls unknown: an `expand` to -1 keeps the 1, and the batch stays 1."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST103"
LOUD = False
CAUSE = "partial"
SHAPES = ((1, 4, 5), (3, 4, 5))


def repeated(x: Tensor) -> Tensor:
    return x[:1].expand([x.shape[0], -1, -1])


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.repeated = functools.partial(repeated)

    def forward(self, x: Tensor) -> Tensor:
        return paddle.scale(self.repeated(x), 2.0)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return paddle.scale(repeated(x), 2.0)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4, 5], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
