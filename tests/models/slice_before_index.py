"""`x[1:, n - 1]` in rewritten code: Paddle's kernel takes no index that is a tensor after a slice, and every run fails."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST504"
LOUD = False
CAUSE = ""
SHAPES = ((4, 2, 3), (4, 6, 3))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        last = x[1:, x.shape[1] - 1]
        return last * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        last = x[:, x.shape[1] - 1]
        return last[1:] * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([4, -1, 3], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
