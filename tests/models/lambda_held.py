"""A lambda held on the layer."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "lambda"


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.merge = lambda x: x.reshape([x.shape[0] * 8, 4])

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
