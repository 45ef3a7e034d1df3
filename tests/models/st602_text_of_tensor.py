"""The text of a dim that is a tensor names the tensor, and no key is called that."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


GAINS = {"width 3": 3.0, "width 12": 12.0}


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) * GAINS.get(f"width {x.shape[1]}", 0.5)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) * x.shape[1]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), [InputSpec([2, -1], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), [InputSpec([2, -1], "float32", name="x")]
