"""Rewritten code holds the dim as a tensor: `in` asks each comparison for its truth, and has none."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        length = x.shape[1] // 3
        if length in (1, 2):
            x = x * 2.0
        return x.sum(axis=1) * 3.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        length = x.shape[1] // 3
        if length == 1 or length == 2:
            x = x * 2.0
        return x.sum(axis=1) * 3.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), [InputSpec([2, -1], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), [InputSpec([2, -1], "float32", name="x")]
