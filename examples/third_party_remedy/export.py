"""Export a small model with a layer of acme_norms, its batch left unknown. It fails without the remedy `fast-norm`."""

from __future__ import annotations

import sys

import paddle
from acme_norms import FastNorm
from paddle import nn
from paddle.static import InputSpec


def build() -> tuple[nn.Layer, list[InputSpec]]:
    """The model and its inputs."""
    paddle.seed(0)
    model = nn.Sequential(nn.Linear(6, 8), FastNorm(groups=4), nn.Linear(8, 3))
    model.eval()
    return model, [InputSpec([-1, 6], "float32", name="features")]


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else "output/model"
    model, spec = build()
    paddle.jit.save(model, path, input_spec=spec)
    print(f"exported to {path}")
