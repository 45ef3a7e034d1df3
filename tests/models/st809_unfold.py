"""`unfold` of a tensor shares its memory, and Paddle has it in dygraph only: what is said is that, and nothing of the dim in its arguments."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST809"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (2, 8))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.unfold(1, x.shape[1] // 2, 1).sum()


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1] // 2
        total = x[:, :width].sum()
        for start in range(1, width + 1):
            total = total + x[:, start : start + width].sum()
        return total


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
