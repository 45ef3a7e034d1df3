"""Rewritten code holds the dim as a tensor, which is no int."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1]
        factor = width if isinstance(width, int) else 1
        return x.sum(axis=1) * factor


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1]
        if isinstance(width, int):
            assert width > 0
        return x.sum(axis=1) * (width if isinstance(width, int) else int(width))


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
