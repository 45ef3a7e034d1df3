"""Two unknown dims multiplied: -1 * -1 is 1, and reshape is asked for one row."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
CAUSE = "partial"
SHAPES = ((1, 2, 3), (1, 5, 4))


def rows(x: Tensor) -> Tensor:
    height, width = x.shape[1:]
    return x.reshape([height * width, 1]) * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.rows = functools.partial(rows)

    def forward(self, x: Tensor) -> Tensor:
        return self.rows(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return rows(x)


def spec() -> list[InputSpec]:
    return [InputSpec([1, -1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
