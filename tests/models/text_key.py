"""A text made of -1 is a key that is not there."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST303"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))


GAINS = {"3": 3.0, "12": 12.0}


def gained(x: Tensor) -> Tensor:
    return x * GAINS.get(f"{x.shape[1]}", 0.5)


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.gained = functools.partial(gained)

    def forward(self, x: Tensor) -> Tensor:
        return self.gained(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x * paddle.shape(x)[1].astype("float32")


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
