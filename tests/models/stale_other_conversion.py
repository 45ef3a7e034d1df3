"""A dim kept from the conversion of another model, the encoder, and used in that of the decoder."""

from __future__ import annotations

import functools

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

RULE = "ST401"
LOUD = False
CAUSE = "partial"
SHAPES = ((2, 3), (2, 12))

SEEN: dict[str, int] = {}


def note(x: Tensor) -> Tensor:
    SEEN["width"] = x.shape[1]
    return x * 2.0


class Encoder(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.note = functools.partial(note)

    def forward(self, x: Tensor) -> Tensor:
        return self.note(x)


class Decoder(nn.Layer):
    """In dygraph the encoder has just run; in its own conversion the last to run was the encoder's conversion."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder_width = SEEN["width"]

    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[1] if paddle.in_dynamic_mode() else self.encoder_width
        return x.sum(axis=1) * width


class Healthy(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(axis=1) * x.shape[1]


def spec() -> list[InputSpec]:
    return [InputSpec([2, -1], "float32", name="x")]


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    encoder = paddle.jit.to_static(Encoder(), input_spec=spec(), full_graph=True)
    assert encoder.forward.concrete_program is not None  # this is what converts it
    return Decoder(), spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Healthy(), spec()
