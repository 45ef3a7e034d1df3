"""A loop in steps over a sequence ends its last step with `min`, of a size and of what the loop counts."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST601"
LOUD = True
CAUSE = ""
SHAPES = ((4, 4), (7, 4))


class Steps(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[0]
        total = paddle.zeros([4])
        for start in range(0, size, 3):
            total = total + x[start : min(start + 3, size)].max(0)
        return total * 2.0


class StepsByTensors(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[0]
        total = paddle.zeros([4])
        for start in range(0, size, 3):
            total = total + x[start : start + 3 if start + 3 < size else size].max(0)
        return total * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Steps(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return StepsByTensors(), [InputSpec([-1, 4], "float32", name="x")]
