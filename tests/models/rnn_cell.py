"""A cell of the user's that Paddle's own `nn.RNN` calls."""

from __future__ import annotations

from paddle import Tensor, nn
from paddle.static import InputSpec

from models.merging import SHAPES as SHAPES
from models.merging import Rewritten, batch_spec

RULE = "ST101"
LOUD = True
CAUSE = "paddle"


class Cell(nn.RNNCellBase):
    @property
    def state_shape(self) -> tuple[int, ...]:
        return (4,)

    def forward(self, inputs: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
        batch = inputs.shape[0]
        state = states + inputs.reshape([batch * 2, 2]).reshape([-1, 4])
        return state, state


class Broken(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(Cell())

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(x)[0] * 2.0


def broken() -> tuple[nn.Layer, list[InputSpec]]:
    return Broken(), batch_spec()


def healthy() -> tuple[nn.Layer, list[InputSpec]]:
    return Rewritten(), batch_spec()
