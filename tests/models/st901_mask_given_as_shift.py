"""The spec that is named for the mask stands second, and the second parameter is the shift."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST901"
LOUD = False
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Shifted(nn.Layer):
    def forward(self, x: Tensor, shift: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        out = x * 2.0
        if shift is not None:
            out = out + shift
        return out if mask is None else out * mask


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Shifted(), [InputSpec([-1, 4], "float32", name="x"), InputSpec([-1, 4], "float32", name="mask")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Shifted(), [InputSpec([-1, 4], "float32", name="x")]
