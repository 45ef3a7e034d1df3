"""PaddlePaddle/Paddle#36337: `audio[: audio.shape[-1] - rest]` of unknown length cuts at a number made of -1."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.static import InputSpec

RULE = "ST102"
LOUD = False
SIZES = [[(32,)], [(45,)]]


class Recording:
    """A thin wrapper around samples, whose property Python itself calls."""

    def __init__(self, samples: paddle.Tensor) -> None:
        self.samples = samples

    @property
    def whole(self) -> paddle.Tensor:
        """The samples without the rest that fills no window of 8 with stride 4."""
        rest = (self.samples.shape[-1] - 8) % 4
        return self.samples[: self.samples.shape[-1] - rest]


class ByProperty(nn.Layer):
    def forward(self, audio: paddle.Tensor) -> paddle.Tensor:
        return Recording(audio).whole * 0.5


class ByHand(nn.Layer):
    def forward(self, audio: paddle.Tensor) -> paddle.Tensor:
        rest = (audio.shape[-1] - 8) % 4
        return audio[: audio.shape[-1] - rest] * 0.5


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return ByProperty(), [InputSpec([None], name="audio")]


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return ByHand(), [InputSpec([None], name="audio")]
