"""Stands for a library of somebody else's, whose layer cannot be exported with an unknown batch."""

from __future__ import annotations

import functools

from paddle import Tensor, nn


def fast_norm(x: Tensor, groups: int, epsilon: float = 1e-5) -> Tensor:
    """Normalise `[batch, channels]` in groups of channels, each to mean 0 and variance 1."""
    batch, channels = x.shape[0], x.shape[1]
    rows = x.reshape([batch * groups, channels // groups])
    centred = rows - rows.mean(axis=-1, keepdim=True)
    scale = (centred.square().mean(axis=-1, keepdim=True) + epsilon).rsqrt()
    return (centred * scale).reshape([batch, channels])


class FastNorm(nn.Layer):
    """Layer form of `fast_norm`. Paddle's conversion does not look into the partial: that is the leak."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.norm = functools.partial(fast_norm, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `[batch, channels]`."""
        return self.norm(x)
