"""PaddlePaddle/Paddle#44413: `jit.save` fails when a model uses nothing of an input but its shape.

A leaked dim cuts the input off: the conversion passes with an empty `arange`, and saving then misses the input.
"""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST103"
LOUD = True
SIZES = [[(2, 5)], [(2, 9)]]


def positions(tokens: paddle.Tensor) -> paddle.Tensor:
    return paddle.arange(tokens.shape[1], dtype="float32")


class Embedding(nn.Layer):
    def __init__(self, partial: bool) -> None:
        super().__init__()
        self.positions = functools.partial(positions) if partial else positions

    def forward(self, tokens: paddle.Tensor) -> paddle.Tensor:
        return paddle.sin(self.positions(tokens))


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Embedding(partial=True), [InputSpec([None, None], name="tokens")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Embedding(partial=False), [InputSpec([None, None], name="tokens")]
