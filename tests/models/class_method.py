"""A method reached through its class: it is not among the globals of its module."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "not-global"


class Merging:
    heads = 8

    def apply(self, x: Tensor) -> Tensor:
        batch = x.shape[0]
        return x.reshape([batch * self.heads, 4])


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.merging = Merging()

    def forward(self, x: Tensor) -> Tensor:
        return Merging.apply(self.merging, x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
