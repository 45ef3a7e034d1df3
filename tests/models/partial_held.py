"""A functools.partial held on the layer, as in RT-DETRv2."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "partial"


def merge(x: Tensor, heads: int) -> Tensor:
    batch = x.shape[0]
    return x.reshape([batch * heads, 4])


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.merge = functools.partial(merge, heads=8)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
