"""PaddlePaddle/PaddleSeg#3308: the model asserts that its batch is positive, and the batch reads -1 at export.

"The first dim of x (-1) should be greater than 0": the assertion is about a number that is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterator

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST201"
LOUD = True
SIZES = [[(2, 8, 4, 4)], [(3, 8, 4, 4)]]


def images(x: paddle.Tensor) -> Iterator[paddle.Tensor]:
    assert x.shape[0] > 0, f"the first dim of x ({x.shape[0]}) should be greater than 0"
    yield x.flatten(2)


class Asserting(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return next(images(x)) * 2


class Trusting(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x.flatten(2) * 2


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Asserting(), [InputSpec([None, 8, 4, 4], name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Trusting(), [InputSpec([None, 8, 4, 4], name="x")]
