"""Python counts a loop, and a tensor decides whether to leave it."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Doubling(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        for _ in range(5):
            x = x * 2.0
            if x.abs().sum() > 100:
                break
        return x.sum() * 2.0


class DoublingWhile(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        turn = 0
        x = x * 2.0
        while turn < 4 and x.abs().sum() <= 100:
            x = x * 2.0
            turn += 1
        return x.sum() * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Doubling(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return DoublingWhile(), [InputSpec([-1, 4], "float32", name="x")]
