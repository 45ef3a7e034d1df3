"""An unknown dim and 2: -1 + 2 is 1, which expand takes for one row."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
CAUSE = "partial"
SHAPES = ((1, 4), (3, 4))


def padded(x: Tensor) -> Tensor:
    rows = x.shape[0]
    return x.mean(0, keepdim=True).expand([rows + 2, 4]) * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.padded = functools.partial(padded)

    def forward(self, x: Tensor) -> Tensor:
        return self.padded(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return padded(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
