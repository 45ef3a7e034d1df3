"""Exports twins of the models in `models/`, each in a forked process, and compares them with themselves before the export.

    python -m export_and_compare NAME:broken NAME:healthy NAME:broken:REMEDY ...

Prints what it saw as JSON lines.
"""

from __future__ import annotations

import gc
import importlib
import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import paddle

import forked
import shapetrace
from shapetrace import Trace

ERASED = "Not found key in IRMapping"
"""What Paddle 3.3 says now and then of a function with a loop, unwatched as well (docs/reliability.md)."""


def export_and_compare(name: str, twin: str, remedy: str = "", tries: int = 3) -> dict[str, Any]:
    """Export and compare, with a remedy if one is named.

    Returns:
        `refused`: what Paddle raised at the conversion, or None; and for each of the model's SHAPES in `runs` one of
        `equal`, `different`, or what was raised when the exported model ran. With a remedy, `findings` are the rules of
        what was found all the same, notes left out.
    """
    model = importlib.import_module(f"models.{name}")
    trace = Trace()
    paddle.seed(0)
    inputs = [paddle.rand(shape) for shape in model.SHAPES]
    with tempfile.TemporaryDirectory() as directory:
        try:
            with (
                shapetrace.watch(remedies=remedy, dims=getattr(model, "DIMS", None))
                if remedy
                else nullcontext(trace) as trace
            ):
                layer, spec = getattr(model, twin)()
                layer.eval()
                with paddle.no_grad():
                    expected = [in_dygraph(layer, x) for x in inputs]
                paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
        except Exception as error:
            if tries > 1 and ERASED in str(error):
                gc.disable()  # Paddle says so of a value of another program too, and aborts where that is collected first
                return export_and_compare(name, twin, remedy, tries - 1)
            return {"refused": f"{type(error).__name__}: {error}", "runs": [], "findings": rules(trace)}
        loaded = paddle.jit.load(f"{directory}/model")
    runs = [compare(loaded, x, wanted) for x, wanted in zip(inputs, expected, strict=True)]
    if tries > 1 and twin == "healthy" and not remedy and set(runs) != {"equal"}:  # Paddle's lottery, without us
        return export_and_compare(name, twin, remedy, tries - 1)
    return {"refused": None, "runs": runs, "findings": rules(trace)}


def rules(trace: Trace) -> list[str]:
    """The rules that were found to be broken, notes left out."""
    return sorted({finding.rule for finding in trace.findings if finding.severity != "note"})


def in_dygraph(layer: Any, x: Any) -> np.ndarray[Any, Any] | None:
    """The output of the model itself for `x`; None where the model itself fails, as one of mixed dtypes does."""
    try:
        return np.asarray(layer(x).numpy())
    except Exception:
        return None


def compare(loaded: Any, x: Any, wanted: np.ndarray[Any, Any] | None) -> str:
    """Tell how the exported model's output for `x` relates to the one `wanted`."""
    if wanted is None:
        return "different"
    try:
        got = loaded(x).numpy()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "equal" if got.shape == wanted.shape and np.array_equal(got, wanted) else "different"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        forked.run(argument, partial(export_and_compare, *argument.split(":")))
