"""`matmul` of an unknown batch and a batch of one: Paddle says 1, and a reshape takes the 1 for the batch."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST504"
LOUD = False
CAUSE = ""
SHAPES = ((1, 4, 5), (3, 4, 5))


class Scores(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.table = self.create_parameter([1, 5, 7])


class Broken(Scores):
    def forward(self, x: Tensor) -> Tensor:
        scores = paddle.matmul(x, self.table)
        return scores.reshape([scores.shape[0], -1]) * 2.0


class Healthy(Scores):
    def forward(self, x: Tensor) -> Tensor:
        scores = paddle.matmul(x, self.table)
        return scores.reshape([x.shape[0], -1]) * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4, 5], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
