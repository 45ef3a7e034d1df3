"""A counter of the module is assigned in a branch that Paddle converts."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST807"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))

seen = 0


class Counting(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        global seen
        if x.shape[0] > 2:
            seen = seen + 1
            x = x + 1.0
        return x * 2.0


class Calculating(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        global seen
        seen = seen + 1
        if x.shape[0] > 2:
            x = x + 1.0
        return x * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Counting(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Calculating(), [InputSpec([-1, 4], "float32", name="x")]
