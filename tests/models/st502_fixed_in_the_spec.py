"""A batch that is to be dynamic, and that the spec fixes to the size of an example."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST502"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3, 4), (5, 3, 4))
DIMS = {"x": ("B", 3, 4)}


class Joined(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape([x.shape[0] * 3, 4]) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Joined(), [InputSpec([2, 3, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Joined(), [InputSpec([-1, 3, 4], "float32", name="x")]
