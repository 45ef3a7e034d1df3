"""PaddlePaddle/Paddle#53244: the list that `paddle.concat` gets is empty while the program is built."""

from __future__ import annotations

from collections.abc import Iterator

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST202"
LOUD = True
SIZES = [[(2, 3)], [(4, 3)]]


class Rows:
    """Yields the rows of a tensor one by one; Python calls its `__iter__`."""

    def __init__(self, x: paddle.Tensor) -> None:
        self.x = x

    def __iter__(self) -> Iterator[paddle.Tensor]:
        return iter([self.x[i : i + 1] * self.x[i].max() for i in range(self.x.shape[0])])


class Looping(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return paddle.concat(list(Rows(x)))


class AllAtOnce(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x * x.max(axis=1, keepdim=True)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Looping(), [InputSpec([None, 3], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return AllAtOnce(), [InputSpec([None, 3], name="x")]
