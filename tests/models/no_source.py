"""A function whose source cannot be read."""

from __future__ import annotations

from typing import Any

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "no-source"

generated: dict[str, Any] = {}
exec("def merge(x):\n    return x.reshape([x.shape[0] * 8, 4])\n", generated)
merge = generated["merge"]


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return merge(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
