"""PaddlePaddle/PaddleSeg#3669: `paddle.to_tensor([[[[width, height]]]])` stops the conversion when both are unknown.

Paddle 3.3.1 converts the thread's code (the healthy twin); in code that it skips, the tensor silently holds -1 twice.
"""

from __future__ import annotations

from collections.abc import Callable

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST103"
LOUD = False
SIZES = [[(2, 4, 5, 2)], [(1, 6, 3, 2)]]

NORM: dict[str, Callable[[paddle.Tensor], paddle.Tensor]] = {
    "size": lambda flow: paddle.to_tensor([[[[flow.shape[2], flow.shape[1]]]]], "float32"),
}


class Table(nn.Layer):
    def forward(self, flow: paddle.Tensor) -> paddle.Tensor:
        return flow / NORM["size"](flow)


class Written(nn.Layer):
    def forward(self, flow: paddle.Tensor) -> paddle.Tensor:
        _, height, width, _ = flow.shape
        return flow / paddle.to_tensor([[[[width, height]]]], "float32")


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Table(), [InputSpec([None, None, None, 2], name="flow")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Written(), [InputSpec([None, None, None, 2], name="flow")]
