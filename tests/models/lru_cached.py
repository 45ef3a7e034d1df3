"""A function under `functools.lru_cache`, whose `__call__` is written in C."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "c-callable"


@functools.lru_cache(maxsize=4)
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
