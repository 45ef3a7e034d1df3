"""Two channels where one was wanted: the spec fixes another number than the user says."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST501"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3, 4), (5, 3, 4))
DIMS = {"x": ("B", 3, 4)}


class Flattened(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape([x.shape[0], x.shape[1] * x.shape[2]]) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Flattened(), [InputSpec([-1, 2, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Flattened(), [InputSpec([-1, 3, 4], "float32", name="x")]
