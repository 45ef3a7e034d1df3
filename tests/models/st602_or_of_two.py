"""`n or m` of two dims in rewritten code: Paddle makes a `logical_or` of two tensors, which is 1 at every size."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (4, 12))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        length = x.shape[1]
        return x.sum(axis=1) * (x.shape[0] or length)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) * x.shape[0]


def spec() -> list[InputSpec]:
    return [InputSpec([-1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
