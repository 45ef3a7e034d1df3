"""As many tokens as a square image has: a root of -1 is complex, which `int` refuses."""

from __future__ import annotations

import functools

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST301"
LOUD = True
CAUSE = "partial"
SHAPES = ((2, 9, 4), (2, 36, 4))


def as_image(tokens: Tensor) -> Tensor:
    side = int(tokens.shape[1] ** 0.5)
    return tokens.transpose([0, 2, 1]).reshape([2, 4, side, side]) * 2.0


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.as_image = functools.partial(as_image)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.as_image(tokens)


class Healthy(nn.Layer):
    def forward(self, tokens: Tensor) -> Tensor:
        return as_image(tokens)


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1, 4], "float32", name="tokens")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
