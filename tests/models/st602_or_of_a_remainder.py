"""`n % 4 or 4` in rewritten code: Paddle asks the operand that is no tensor first, and gives 4 at every size."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        last = x.shape[1] % 4 or 4
        return x * last


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        last = (x.shape[1] + 3) % 4 + 1
        return x * last


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
