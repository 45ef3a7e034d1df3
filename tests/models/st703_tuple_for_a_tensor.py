"""A layer gets all that another one returns, as in the RemBERT of paddlenlp 2.8.1, which fails in dygraph as well."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST703"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (5, 4))


class Attention(nn.Layer):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        weights = nn.functional.softmax(x, axis=-1)
        return x * weights, weights


class Healthy(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.dense = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        attended = self.attention(x)
        return self.dense(attended[0])


class Broken(Healthy):
    def forward(self, x: Tensor) -> Tensor:
        attended = self.attention(x)
        return self.dense(attended)


def spec() -> list[InputSpec]:
    return [InputSpec([-1, 4], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
