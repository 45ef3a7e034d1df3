"""One side of an `if` on an unknown size gives a variable another rank."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST802"
LOUD = True
CAUSE = ""
SHAPES = ((2, 5, 4), (3, 12, 4))


class Pooled(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        steps = x.shape[1]
        if steps > 8:
            x = x.mean(1)
        return self.head(x)


class Kept(Pooled):
    def forward(self, x: Tensor) -> Tensor:
        steps = x.shape[1]
        if steps > 8:
            x = x.mean(1, keepdim=True)
        return self.head(x)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Pooled(), [InputSpec([-1, -1, 4], "float32", name="x")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Kept(), [InputSpec([-1, -1, 4], "float32", name="x")]
