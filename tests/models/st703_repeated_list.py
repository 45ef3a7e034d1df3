"""A list is repeated by a dim that is a tensor in rewritten code, as in the RT-DETR of paddlex 3.7.2."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST703"
LOUD = True
CAUSE = ""
SHAPES = ((2, 3), (5, 3))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        sizes = paddle.to_tensor([[4.0, 2.0, 1.0]] * x.shape[0])
        return x * sizes * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        sizes = paddle.to_tensor([[4.0, 2.0, 1.0]]).tile([x.shape[0], 1])
        return x * sizes * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 3], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
