"""`F.cosine_similarity` divides by the size that it sums along, in Paddle's own code: an unknown one is -1 beside the 1 of a mean."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = "ST301"
LOUD = False
CAUSE = "paddle-api"
SHAPES = ((2, 6), (3, 9))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return F.cosine_similarity(x, x.mean(1, keepdim=True))


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return F.cosine_similarity(*paddle.broadcast_tensors([x, x.mean(1, keepdim=True)]))


def spec() -> list[InputSpec]:
    return [InputSpec([-1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
