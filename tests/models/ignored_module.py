"""A module that was given to `paddle.jit.ignore_module`."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

from models import merging_ignored
from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "ignored-module"


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return merging_ignored.merge(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    paddle.jit.ignore_module([merging_ignored])
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
