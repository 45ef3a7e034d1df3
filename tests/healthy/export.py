"""Exports healthy models, each in a forked process, and prints what became of them as JSON lines.

    python -m healthy.export NAME:plain:-1 NAME:watched:-1 NAME:watched:2 NAME:remedied:-1 ...

NAME is a constructor of `paddle.vision.models`, or one of the transformers below; the number is the batch, -1 where it is
unknown. `remedied` is a watch with all remedies whose bug is present, and `heal` on 3.x.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from typing import Any

import paddle
from paddle import nn
from paddle.static import InputSpec

import forked
from saved_files import digests
from versions import LEGACY


class Encoder(nn.Layer):
    """A transformer encoder from `paddle.nn`, with a mask computed from the input."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 32)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0), 2)
        self.head = nn.Linear(32, 5)

    def forward(self, tokens):
        mask = (tokens == 0).astype("float32").unsqueeze([1, 2]) * -1e4
        hidden = self.encoder(self.embed(tokens), mask)
        return self.head(hidden.mean(axis=1))


class Looping(nn.Layer):
    """Attention over chunks: a `while` over the batch, an `if` on values, shapes read in rewritten code."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(32, 32)
        self.key = nn.Linear(32, 32)
        self.embed = nn.Embedding(100, 32)

    def forward(self, tokens):
        hidden = self.embed(tokens)
        batch, length = hidden.shape[:2]
        query = self.query(hidden).reshape([batch, length, 4, 8]).transpose([0, 2, 1, 3])
        key = self.key(hidden).reshape([batch, length, 4, 8]).transpose([0, 2, 3, 1])
        scores = nn.functional.softmax(paddle.matmul(query, key) / 8**0.5, axis=-1)
        if scores.mean() > 0.5:
            scores = scores * 2
        else:
            scores = scores * 0.5
        step = paddle.zeros([1], "int64")
        total = paddle.zeros([batch, 1], "float32")
        while step < length:
            total = total + scores.sum(axis=[1, 2, 3]).unsqueeze(1) * 0.1
            step = step + 1
        return total * 1.5


OWN = {"encoder": Encoder, "looping": Looping}


def build(name: str, batch: int) -> tuple[nn.Layer, list[InputSpec]]:
    """The model and its input spec; batch -1 is unknown."""
    paddle.seed(7)
    if name in OWN:
        layer = OWN[name]()
        spec = [InputSpec([batch, -1], "int64", name="tokens")]
    else:
        layer = getattr(paddle.vision.models, name)()
        size = 299 if name == "inception_v3" else 28 if name == "LeNet" else 224
        spec = [InputSpec([batch, 1 if name == "LeNet" else 3, size, size], "float32", name="image")]
    layer.eval()
    return layer, spec


def export(name: str, directory: str, batch: int) -> None:
    """Convert and save."""
    layer, spec = build(name, batch)
    paddle.jit.save(paddle.jit.to_static(layer, input_spec=spec, full_graph=True), f"{directory}/model")


def exported(name: str, how: str, batch: int) -> dict[str, Any]:
    """The digests of the files in `files`, and what the watch saw."""
    watch: Any = nullcontext()
    if how != "plain":
        import shapetrace

        remedied = how == "remedied"
        watch = shapetrace.watch(remedies="auto" if remedied else (), heal=remedied and not LEGACY)
    with tempfile.TemporaryDirectory() as directory:
        with watch as trace:
            export(name, directory, batch)  # the same line for all: 2.6 saves the call stack of each op
        return {"files": digests(directory), **(seen(trace) if trace is not None else {})}


def seen(trace: Any) -> dict[str, Any]:
    """What a watch saw of its one conversion."""
    (conversion,) = trace.conversions
    return {
        "findings": [finding.message for finding in trace.findings],
        "notes": trace.notes,
        "remedies": [applied.name for applied in trace.remedies],
        "tensors": [
            [
                tensor.op,
                list(tensor.shape),
                [conversion.expressions[dim] for dim in conversion.values[tensor.index].dims or ()],
            ]
            for tensor in conversion.tensors
        ],
        "symbols": {symbol.key: symbol.name for symbol in conversion.symbols},
    }


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        name, how, batch = argument.split(":")
        forked.run(argument, partial(exported, name, how, int(batch)))
