"""A list is indexed and repeated by what is computed from a size; in the healthy twin by numbers that no size changes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST203"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 1), (2, 6))


GAINS = [1.0, 0.5, 2.0]


def by_remainder(x: Tensor) -> Tensor:
    length = x.shape[1]
    return x * GAINS[length % 3]


def always(x: Tensor) -> Tensor:
    length = x.shape[1]
    return x * GAINS[length - length + 1] * sum([0.5] * (length * 0 + 3))


class Model(nn.Layer):
    def __init__(self, gained: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.gained = functools.partial(gained)

    def forward(self, x: Tensor) -> Tensor:
        return self.gained(x)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(by_remainder), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Model(always), spec()
