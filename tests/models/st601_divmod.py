"""Rewritten code holds the dim as a tensor, which `divmod` cannot take; `//` and `%` can."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((2, 7), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1]
        rows, rest = divmod(width, 5)
        return x.sum(axis=1) * rows + rest


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1]
        rows, rest = width // 5, width % 5
        return x.sum(axis=1) * rows + rest


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), [InputSpec([2, -1], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), [InputSpec([2, -1], "float32", name="x")]
