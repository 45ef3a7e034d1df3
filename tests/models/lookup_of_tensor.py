"""Rewritten code holds the dim as a tensor, which is no key of any dict."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST602"
LOUD = False
CAUSE = ""
SHAPES = ((2, 3), (2, 12))


GAINS = {3: 3.0, 12: 12.0}


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) * GAINS.get(x.shape[1], 0.5)


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) * x.shape[1]


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
