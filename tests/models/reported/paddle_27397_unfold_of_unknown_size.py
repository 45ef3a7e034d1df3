"""PaddlePaddle/Paddle#27397: `unfold` refuses an input whose height and width are unknown.

PaddlePaddle/PaddleNLP#1643 works around the same. Paddle 3.3.1 converts it, so there is nothing left to report:
shapetrace must be silent here.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F
from paddle.static import InputSpec

RULE = None
"""Works since."""
LOUD = False
SIZES = [[(1, 3, 8, 8)], [(2, 3, 6, 9)]]


class Windows(nn.Layer):
    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return F.unfold(F.unfold(x, 2, strides=2).unsqueeze(1), 2) * 2


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Windows(), [InputSpec([None, 3, None, None], name="x")]
