"""An unknown dim as it is: tile accepts -1 at the conversion and fails when run."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = False
CAUSE = "partial"
SHAPES = ((1, 4), (3, 4))


def repeated(x: Tensor) -> Tensor:
    return x.mean(0, keepdim=True).tile([x.shape[0], 1]) * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.repeated = functools.partial(repeated)

    def forward(self, x: Tensor) -> Tensor:
        return self.repeated(x)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return repeated(x)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
