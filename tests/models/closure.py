"""A function made by a function: it is not among the globals of its module."""

from __future__ import annotations

from collections.abc import Callable

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "not-global"


def merging(heads: int) -> Callable[[Tensor], Tensor]:
    def merge_heads(x: Tensor) -> Tensor:
        batch = x.shape[0]
        return x.reshape([batch * heads, 4])

    return merge_heads


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.merge = merging(8)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
