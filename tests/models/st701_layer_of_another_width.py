"""A layer was made for 32 features, and the input spec has 24."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST701"
LOUD = True
CAUSE = ""
SHAPES = ((2, 8, 32), (3, 8, 32))


class Head(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        features = x.flatten(0, 1)
        return self.project(features) * 2.0


def spec(width: int) -> list[InputSpec]:
    return [InputSpec([-1, 8, width], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Head(), spec(24)


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Head(), spec(32)
