"""What most models here do with their input, wrong in one place: join the batch and the heads."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

HEADS = 8
SHAPES = ((1, 8, 4), (3, 8, 4))


def batch_spec() -> list[InputSpec]:
    """Return the spec of `x` with the batch unknown."""
    return [InputSpec([-1, 8, 4], "float32", name="x")]


def merge(x: Tensor) -> Tensor:
    """Join batch and heads. Right where it is rewritten; else the batch is -1, and the product -8."""
    batch = x.shape[0]
    return x.reshape([batch * HEADS, 4])


class Rewritten(nn.Layer):
    """Calls `merge` as it should be called; the healthy twin of all those that hide it."""

    def forward(self, x: Tensor) -> Tensor:
        """Merge and scale."""
        return merge(x) * 2.0
