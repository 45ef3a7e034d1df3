"""A generator function."""

from __future__ import annotations

from collections.abc import Iterator

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "generator"


def merged(x: Tensor) -> Iterator[Tensor]:
    yield x.reshape([x.shape[0] * 8, 4])


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return list(merged(x))[0] * 2.0  # noqa: RUF015 - `next` would do, but people write this


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
