"""PaddlePaddle/Paddle#41748 (also 51247): `paddle.signal.istft` on input of unknown length cannot be converted.

Paddle's own code reads the number of frames, an unknown dim, and repeats the window that many times with `tile`.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST101"
LOUD = False
SIZES = [[(2, 9, 12), (2, 9, 12)], [(3, 9, 12), (3, 9, 12)]]


class Vocoder(nn.Layer):
    def forward(self, real: paddle.Tensor, imag: paddle.Tensor) -> paddle.Tensor:
        return paddle.signal.istft(paddle.complex(real, imag), n_fft=16, hop_length=4).unsqueeze(1)


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Vocoder(), [InputSpec([None, 9, None], name="real"), InputSpec([None, 9, None], name="imag")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Vocoder(), [InputSpec([None, 9, 12], name="real"), InputSpec([None, 9, 12], name="imag")]
