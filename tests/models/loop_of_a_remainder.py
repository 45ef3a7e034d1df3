"""A loop is counted by what is computed from a size: its remainder, and in the healthy twin a number that no size changes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST202"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 1), (2, 6))


def by_remainder(x: Tensor) -> Tensor:
    length = x.shape[1]
    total = x * 2.0
    for _ in range(length % 4):
        total = total * 0.5
    return total


def twice(x: Tensor) -> Tensor:
    length = x.shape[1]
    total = x * 2.0
    for _ in range(length - length + 2):
        total = total * 0.5
    return total


class Model(nn.Layer):
    def __init__(self, halved: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.halved = functools.partial(halved)

    def forward(self, x: Tensor) -> Tensor:
        return self.halved(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(by_remainder), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(twice), spec()
