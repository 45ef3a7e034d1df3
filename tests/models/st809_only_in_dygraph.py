"""A model that refuses to be converted, in its own words."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST809"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Refined(nn.Layer):
    def __init__(self, kernel: str) -> None:
        super().__init__()
        self.kernel = kernel

    def forward(self, x: Tensor) -> Tensor:
        return self.refine(x) * 2.0

    def refine(self, x: Tensor) -> Tensor:
        if self.kernel == "custom" and not paddle.in_dynamic_mode():
            raise NotImplementedError(f"the {self.kernel} kernel runs in dygraph only")
        return x + 1.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Refined("custom"), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Refined("plain"), [InputSpec([-1, 4], "float32", name="x")]
