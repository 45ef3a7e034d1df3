"""PaddlePaddle/PaddleSeg#3672: `x.flatten(2).transpose(1, 2)`, two axes where a whole permutation is wanted.

"transpose(): argument (position 2) must be list or tuple, but got int": so it was. Paddle 3.3.1 accepts it,
so there is nothing left to report: shapetrace must be silent here.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = None
"""Works since."""
LOUD = False
SIZES = [[(2, 3, 4, 5)], [(3, 3, 2, 2)]]


class TwoAxes(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return x.flatten(2).transpose(1, 2) * 2


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return TwoAxes(), [InputSpec([None, 3, None, None], name="x")]
