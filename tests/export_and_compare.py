"""Exports twins of the models in `models/`, each in a forked process, and compares them with themselves before the export.

    python -m export_and_compare NAME:broken NAME:healthy ...

Prints what it saw as JSON lines.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from functools import partial
from typing import Any

import numpy as np
import paddle

import forked


def export_and_compare(name: str, twin: str) -> dict[str, Any]:
    """Export and compare.

    Returns:
        `refused`: what Paddle raised at the conversion, or None; and for each of the model's SHAPES in `runs` one of
        `equal`, `different`, or what was raised when the exported model ran.
    """
    model = importlib.import_module(f"models.{name}")
    layer, spec = getattr(model, twin)()
    layer.eval()
    paddle.seed(0)
    inputs = [paddle.rand(shape) for shape in model.SHAPES]
    with paddle.no_grad():
        expected = [layer(x).numpy() for x in inputs]
    with tempfile.TemporaryDirectory() as directory:
        try:
            paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
        except Exception as error:
            return {"refused": f"{type(error).__name__}: {error}", "runs": []}
        loaded = paddle.jit.load(f"{directory}/model")
    runs = [compare(loaded, x, wanted) for x, wanted in zip(inputs, expected, strict=True)]
    return {"refused": None, "runs": runs}


def compare(loaded: Any, x: Any, wanted: np.ndarray[Any, Any]) -> str:
    """Tell how the exported model's output for `x` relates to the one `wanted`."""
    try:
        got = loaded(x).numpy()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "equal" if got.shape == wanted.shape and np.array_equal(got, wanted) else "different"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        forked.run(argument, partial(export_and_compare, *argument.split(":")))
