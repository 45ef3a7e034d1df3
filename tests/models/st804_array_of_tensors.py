"""NumPy gets tensors where it wants numbers, as in the Transformer TTS of PaddleSpeech, whose text is padded by `numpy.pad`."""

from __future__ import annotations

import numpy as np
import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST804"
LOUD = True
CAUSE = ""
SHAPES = ((2,), (5,))


class Broken(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        ended = np.pad(x.numpy(), (0, 1), "constant", constant_values=1.0)
        return paddle.to_tensor(ended) * 2.0


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        ended = paddle.concat([x, paddle.ones([1])])
        return ended * 2.0


def spec() -> list[InputSpec]:
    return [InputSpec([-1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
