"""Two unknown axes compared with one another: -1 > -1 is False, whichever side is the longer one."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST201"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3, 5), (2, 5, 3))


def along_the_longer(x: Tensor) -> Tensor:
    if x.shape[1] > x.shape[2]:
        y = x * 3.0
    else:
        y = x * 2.0
    return y + 1.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.along = functools.partial(along_the_longer)

    def forward(self, x: Tensor) -> Tensor:
        return self.along(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return along_the_longer(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
