"""A property, which Python calls by itself."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "python"


class Tokens:
    def __init__(self, x: Tensor) -> None:
        self.x = x

    @property
    def merged(self) -> Tensor:
        return self.x.reshape([self.x.shape[0] * 8, 4])


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return Tokens(x).merged * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
