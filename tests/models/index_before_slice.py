"""`x[:, n - 1, :2]` in rewritten code: Paddle infers that it has no columns, and what is added to it does not fit."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST504"
LOUD = True
CAUSE = ""
SHAPES = ((4, 2, 3), (4, 6, 3))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        ends = x[:, x.shape[1] - 1, :2] + x[:, 0, :2]
        return ends * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        ends = x[:, x.shape[1] - 1][:, :2] + x[:, 0, :2]
        return ends * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([4, -1, 3], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
