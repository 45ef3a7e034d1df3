"""A function given to `map`, which calls it."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec, merge

RULE = "ST101"
LOUD = True
CAUSE = "python"


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        merged = list(map(merge, [x, -x]))
        return merged[0] - merged[1]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
