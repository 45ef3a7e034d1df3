"""A function marked `not_to_static`."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "not_to_static"


@paddle.jit.not_to_static
def merge(x: Tensor) -> Tensor:
    batch = x.shape[0]
    return x.reshape([batch * 8, 4])


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return merge(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
