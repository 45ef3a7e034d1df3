"""PaddlePaddle/Paddle#35037: `reshape([B, C, -1])` with an unknown batch asks for two dims to be inferred.

PaddlePaddle/PaddleOCR#13484 and PaddlePaddle/PaddleDetection#4034 report the same message.
"""

from __future__ import annotations

from collections.abc import Callable

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = True
SIZES = [[(2, 3, 4, 5)], [(3, 3, 2, 7)]]


def logged(function: Callable[[paddle.Tensor], paddle.Tensor]) -> Callable[[paddle.Tensor], paddle.Tensor]:
    def inner(inputs: paddle.Tensor) -> paddle.Tensor:
        return function(inputs)

    return inner


@logged
def decorated_tokens(inputs: paddle.Tensor) -> paddle.Tensor:
    batch, channels, _, _ = inputs.shape
    return inputs.reshape([batch, channels, -1]).transpose([0, 2, 1])


def tokens(inputs: paddle.Tensor) -> paddle.Tensor:
    batch, channels, _, _ = inputs.shape
    return inputs.reshape([batch, channels, -1]).transpose([0, 2, 1])


class Decorated(nn.Layer):
    def forward(self, inputs: paddle.Tensor) -> paddle.Tensor:
        return decorated_tokens(inputs) * 2


class Undecorated(nn.Layer):
    def forward(self, inputs: paddle.Tensor) -> paddle.Tensor:
        return tokens(inputs) * 2


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Decorated(), [InputSpec([None, 3, None, None], name="inputs")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Undecorated(), [InputSpec([None, 3, None, None], name="inputs")]
