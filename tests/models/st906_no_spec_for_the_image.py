"""An empty list of specs, and `forward` wants an image."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST906"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Doubled(nn.Layer):
    def forward(self, image: Tensor, scale: float = 2.0) -> Tensor:
        return image.flatten(1) * scale


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Doubled(), []


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Doubled(), [InputSpec([-1, 4], "float32", name="image")]
