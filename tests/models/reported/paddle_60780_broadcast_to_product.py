"""PaddlePaddle/Paddle#60780: `broadcast_to([height * width, batch, 1, channels])` stops the conversion of a UNet.

Paddle 3.3.1 converts the thread's code (the healthy twin); in code that it skips, -1 * -1 silently becomes 1.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
SIZES = [[(2, 4, 6, 5), (2, 1, 7)], [(3, 4, 4, 8), (3, 1, 7)]]


class Contexts:
    """Looks a context up by the sample it belongs to; Python calls `__getitem__`."""

    def __init__(self, context: paddle.Tensor) -> None:
        self.context = context

    def __getitem__(self, sample: paddle.Tensor) -> paddle.Tensor:
        batch, _, height, width = sample.shape
        return self.context[None, :].broadcast_to([height * width, batch, 1, self.context.shape[-1]])


class Skipped(nn.Layer):
    def forward(self, sample: paddle.Tensor, context: paddle.Tensor) -> paddle.Tensor:
        return Contexts(context)[sample] * sample.mean()


class Rewritten(nn.Layer):
    def forward(self, sample: paddle.Tensor, context: paddle.Tensor) -> paddle.Tensor:
        batch, _, height, width = sample.shape
        return context[None, :].broadcast_to([height * width, batch, 1, context.shape[-1]]) * sample.mean()


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Skipped(), [InputSpec([None, 4, None, None], name="sample"), InputSpec([None, 1, 7], name="context")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), [InputSpec([None, 4, None, None], name="sample"), InputSpec([None, 1, 7], name="context")]
