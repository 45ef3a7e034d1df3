"""PaddlePaddle/Paddle#47528: `x.reshape(-1, 1, 40)`, loose numbers where a list is wanted, was a TypeError.

Paddle 3.3.1 accepts it, so there is nothing left to report: shapetrace must be silent here.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = None
"""Works since."""
LOUD = False
SIZES = [[(2, 40)], [(3, 40)]]


class Loose(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x.reshape(-1, 1, 40) * 2


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Loose(), [InputSpec([None, 40], name="x")]
