"""A square matrix whose sides have one name, and a spec that fixes one of them."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST501"
LOUD = False
CAUSE = ""
SHAPES = ((4, 4), (6, 6))
DIMS = {"x": ("N", "N")}


class Flattened(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape([x.shape[0] * x.shape[1]]) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Flattened(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Flattened(), [InputSpec([-1, -1], "float32", name="x")]
