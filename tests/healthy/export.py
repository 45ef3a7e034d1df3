"""Exports one healthy model, plain or watched, and prints what a watch saw of it as JSON.

    python export.py NAME DIRECTORY [--watch] [--batch N]

NAME is a constructor of `paddle.vision.models`, or one of the transformers below.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import paddle
from paddle import nn
from paddle.static import InputSpec


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


def digests(directory: str) -> dict[str, str]:
    """The files of an export by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(directory).iterdir())}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("directory")
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--batch", type=int, default=-1)
    options = parser.parse_args()
    Path(options.directory).mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {}
    if options.watch:
        import shapetrace

        with shapetrace.watch() as trace:
            export(options.name, options.directory, options.batch)
        (conversion,) = trace.conversions
        result["findings"] = [finding.message for finding in trace.findings]
        result["notes"] = trace.notes
        result["symbolic_error"] = conversion.symbolic_error
        result["tensors"] = [
            [
                tensor.op,
                list(tensor.shape),
                [conversion.expressions[dim] for dim in conversion.values[tensor.index].dims or ()],
            ]
            for tensor in conversion.tensors
        ]
        result["symbols"] = {symbol.key: symbol.name for symbol in conversion.symbols}
    else:
        export(options.name, options.directory, options.batch)
    result["files"] = digests(options.directory)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
