"""PaddlePaddle/PaddleDetection#6468: a result is split back into parts whose sizes come from a list of unknown dims.

Paddle 3.3.1 converts the thread's code (the healthy twin); in code that it skips, the sizes are two -1.
"""

from __future__ import annotations

import functools

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = False
SIZES = [[(2, 4), (3, 4)], [(5, 4), (1, 4)]]


class Skipped(nn.Layer):
    def split(self, first: paddle.Tensor, second: paddle.Tensor, factor: float) -> paddle.Tensor:
        proposals = [first, second]
        counts = [proposal.shape[0] for proposal in proposals]
        parts = (paddle.concat(proposals) * factor).split(counts)
        return parts[0].sum(axis=0) - parts[1].sum(axis=0)

    split_doubled = functools.partialmethod(split, factor=2.0)

    def forward(self, first: paddle.Tensor, second: paddle.Tensor) -> paddle.Tensor:
        return self.split_doubled(first, second)


class Rewritten(nn.Layer):
    def forward(self, first: paddle.Tensor, second: paddle.Tensor) -> paddle.Tensor:
        proposals = [first, second]
        counts = [proposal.shape[0] for proposal in proposals]
        parts = (paddle.concat(proposals) * 2).split(counts)
        return parts[0].sum(axis=0) - parts[1].sum(axis=0)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Skipped(), [InputSpec([None, 4], name="first"), InputSpec([None, 4], name="second")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), [InputSpec([None, 4], name="first"), InputSpec([None, 4], name="second")]
