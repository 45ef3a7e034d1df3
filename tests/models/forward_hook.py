"""A forward hook, which Paddle calls."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "python"


def merge(layer: nn.Layer, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    batch = output.shape[0]
    return output.reshape([batch * 8, 4])


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.identity = nn.Identity()
        self.identity.register_forward_post_hook(merge)

    def forward(self, x: Tensor) -> Tensor:
        return self.identity(x) * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
