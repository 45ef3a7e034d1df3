"""The sizes of the input stand where its spec belongs: `forward` gets the tuple."""

from __future__ import annotations

from typing import Any

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST904"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Doubled(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) * 2.0


def broken() -> tuple[nn.Layer, list[Any]]:
    return Doubled(), [(1, 4)]


def healthy() -> tuple[nn.Layer, list[Any]]:
    return Doubled(), [InputSpec([-1, 4], "float32", name="x")]
