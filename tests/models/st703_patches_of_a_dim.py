"""A patch as wide as half of the map: `unfold` wants numbers, and in rewritten code the width is a tensor."""

from __future__ import annotations

import paddle.nn.functional as F
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST703"
LOUD = True
CAUSE = ""
SHAPES = ((1, 2, 4, 4), (1, 2, 8, 8))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return F.unfold(x, x.shape[3] // 2).mean()


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return F.unfold(x, 2).mean()


def spec() -> list[InputSpec]:
    return [InputSpec([1, 2, -1, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
