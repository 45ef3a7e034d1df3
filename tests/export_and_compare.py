"""Exports one twin of a model in `models/` and compares it with itself before the export. Prints what it saw as JSON.

Run it in a process of its own: `python -m export_and_compare NAME broken|healthy DIRECTORY`.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import paddle


def export_and_compare(name: str, twin: str, directory: Path) -> dict[str, Any]:
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
    try:
        paddle.jit.save(layer, str(directory / "model"), input_spec=spec)
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}", "runs": []}
    loaded = paddle.jit.load(str(directory / "model"))
    return {"refused": None, "runs": [compare(loaded, x, wanted) for x, wanted in zip(inputs, expected, strict=True)]}


def compare(loaded: Any, x: Any, wanted: np.ndarray[Any, Any]) -> str:
    """Tell how the exported model's output for `x` relates to the one `wanted`."""
    try:
        got = loaded(x).numpy()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "equal" if got.shape == wanted.shape and np.array_equal(got, wanted) else "different"


if __name__ == "__main__":
    print(json.dumps(export_and_compare(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
