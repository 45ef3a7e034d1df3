"""A `raise` for the sizes that are wrong, in an `if` that Paddle converts: both of its sides are, so that it always raises."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] > 64:
            raise ValueError(f"too wide: {x.shape}")
        return x * 2


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[1] <= 64
        return x * 2


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
