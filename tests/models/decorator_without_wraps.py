"""A decorator that does not use `functools.wraps`: the function it was put on is no longer among the globals."""

from __future__ import annotations

from collections.abc import Callable

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "not-global"


def doubled(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def twice(x: Tensor) -> Tensor:
        return function(x) * 2.0

    return twice


@doubled
def merge(x: Tensor) -> Tensor:
    batch = x.shape[0]
    return x.reshape([batch * 8, 4])


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return merge(x)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
