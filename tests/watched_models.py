"""Converts models under a watch, each in a forked process of its own, and saves the traces.

    echo models.partial_held:broken | python watched_models.py DIRECTORY

Reads names as lines, those of twins or of what a module has in `MODELS`, and prints for each a line of JSON: what the export raised, or how its process died.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from functools import partial
from typing import Any

import paddle

import forked
import shapetrace


def watch(directory: str, name: str) -> dict[str, Any]:
    """Convert and save one model under a watch."""
    module, _, variant = name.partition(":")
    raised = ""
    with tempfile.TemporaryDirectory() as exported:
        try:
            model = importlib.import_module(module)
            with shapetrace.watch(dims=getattr(model, "DIMS", None)) as trace:
                layer, spec = (model.MODELS[variant] if hasattr(model, "MODELS") else getattr(model, variant))()
                layer.eval()
                if getattr(model, "RULE", "") in ("ST502", "ST503") and hasattr(model, "SHAPES"):
                    layer(paddle.rand(model.SHAPES[0]))  # it keeps the size of its last run
                converted = paddle.jit.to_static(layer, input_spec=spec, full_graph=True)
                paddle.jit.save(converted, f"{exported}/model")
        except Exception as error:
            raised = type(error).__name__
    trace.save(f"{directory}/{module}.{variant}.trace")
    return {"raised": raised}


def main(directory: str) -> None:
    """Run from the command line."""
    for line in sys.stdin:
        forked.run(line.strip(), partial(watch, directory, line.strip()))


if __name__ == "__main__":
    main(*sys.argv[1:])
