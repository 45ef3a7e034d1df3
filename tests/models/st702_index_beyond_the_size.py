"""The input spec has fewer rows than the model picks from."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST702"
LOUD = True
CAUSE = ""
SHAPES = ((2, 8, 4), (3, 8, 4))


class Picking(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        scaled = x * 2.0
        return scaled[:, 7] + 1.0 * scaled[:, 0]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Picking(), [InputSpec([-1, 6, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Picking(), [InputSpec([-1, 8, 4], "float32", name="x")]
