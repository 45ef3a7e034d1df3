"""A list grows by `+=` in a loop over the batch, of which Paddle makes no array."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST803"
LOUD = True
CAUSE = ""
SHAPES = ((1, 4), (3, 4))


class Added(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        rows = []
        for i in range(x.shape[0]):
            rows += [x[i] * 2.0]
        return paddle.stack(rows).sum() * 3.0


class Appended(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        rows = []
        for i in range(x.shape[0]):
            rows.append(x[i] * 2.0)
        return paddle.stack(rows).sum() * 3.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Added(), [InputSpec([-1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Appended(), [InputSpec([-1, 4], "float32", name="x")]
