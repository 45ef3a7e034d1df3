"""PaddlePaddle/PaddleNLP#959: `max_len = source.shape[1] + 20` bakes in 19 steps for sources of any length."""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
SIZES = [[(2, 5)], [(2, 9)]]


def positions(source: paddle.Tensor, max_len: int | None) -> paddle.Tensor:
    max_len = source.shape[1] + 20 if max_len is None else max_len
    return paddle.arange(max_len, dtype="float32")


class Decoder(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.positions = functools.partial(positions, max_len=None)

    def forward(self, source: paddle.Tensor) -> paddle.Tensor:
        return self.positions(source) * source.mean()


class Rewritten(nn.Layer):
    def forward(self, source: paddle.Tensor) -> paddle.Tensor:
        return positions(source, None) * source.mean()


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Decoder(), [InputSpec([None, None], name="source")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), [InputSpec([None, None], name="source")]
