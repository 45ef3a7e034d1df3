"""`F.kl_div` divides by the batch for "batchmean", in Paddle's own code: by -1 where the batch is unknown."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = "ST103"
LOUD = False
CAUSE = "paddle-api"
SHAPES = ((1, 6), (3, 6))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return F.kl_div(F.log_softmax(x), F.softmax(x * 2.0), reduction="batchmean")


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return F.kl_div(F.log_softmax(x), F.softmax(x * 2.0), reduction="sum") / x.shape[0]


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 6], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
