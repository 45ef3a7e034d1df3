"""The label has a spec, and only what training computes depends on it."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST902"
LOUD = True
CAUSE = ""
SHAPES = ((2, 4), (3, 4))


class Classifier(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(4, 3)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        scores = self.project(x)
        if label is not None and self.training:
            return nn.functional.cross_entropy(scores, label)
        return scores * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Classifier(), [InputSpec([-1, 4], "float32", name="x"), InputSpec([-1, 1], "int64", name="label")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Classifier(), [InputSpec([-1, 4], "float32", name="x")]
