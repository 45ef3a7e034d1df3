"""Models in miniature for the cases, whose conversion takes a few hundredths of a second."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec
from ppdet.modeling.transformers.rtdetr_transformerv2 import MSDeformableAttention

HELD = MSDeformableAttention(4, 2, 1, 1).ms_deformable_attn_core
"""The partial that the remedy `rtdetrv2` repairs. Its layer is imported, so the bug is present."""


class Net(nn.Layer):
    """Calls what it holds in a partial, which the conversion runs as it stands."""

    def __init__(self, core: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.core = functools.partial(core) if core is not None else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        return self.core(y) if self.core is not None else y.reshape([y.shape[0] * 2, 2])


def merge(x: Tensor) -> Tensor:
    """Leaks the batch."""
    batch = x.shape[0]
    return x.reshape([batch * 8, -1])


def attend(x: Tensor) -> Tensor:
    """Leaks the batch in what the remedy `rtdetrv2` repairs."""
    places = x.reshape([-1, 1, 2, 1, 2])
    return HELD(places.flatten(2).unsqueeze(2).expand([-1, 4, 2, 4]), [[2, 2]], places, places[..., 0])


def convert(core: Callable[[Tensor], Tensor] | None = None) -> int:
    """Build the program of a new model, with an unknown batch. Returns the number of its ops."""
    with paddle.utils.unique_name.guard():
        spec = [InputSpec([-1, 4], "float32", name="x")]
        static = paddle.jit.to_static(Net(core), input_spec=spec, full_graph=True)
        return len(static.forward.concrete_program.main_program.global_block().ops)


def refusal(core: Callable[..., Any]) -> str:
    """What Paddle says when it refuses to convert; empty if it does not."""
    try:
        convert(core)
    except AssertionError as error:
        return str(error).strip().splitlines()[-1].strip()
    return ""
