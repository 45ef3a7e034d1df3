"""Converts models under a watch, each in a forked process of its own, and prints what was found as JSON lines.

python watched_models.py models.partial_held:broken models.partial_held:healthy ...
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from functools import partial
from typing import Any

import msgspec
import paddle

import forked
import shapetrace


def watch(name: str) -> dict[str, Any]:
    """Convert and save one model under a watch."""
    module, _, variant = name.partition(":")
    raised = ""
    with tempfile.TemporaryDirectory() as directory:
        try:
            model = importlib.import_module(module)
            with shapetrace.watch(dims=getattr(model, "DIMS", None)) as trace:
                layer, spec = getattr(model, variant)()
                layer.eval()
                if model.RULE in ("ST502", "ST503") and hasattr(model, "SHAPES"):
                    layer(paddle.rand(model.SHAPES[0]))  # it keeps the size of its last run
                converted = paddle.jit.to_static(layer, input_spec=spec, full_graph=True)
                paddle.jit.save(converted, f"{directory}/model")
        except Exception as error:
            raised = type(error).__name__
    return {"raised": raised, "notes": trace.notes, "findings": msgspec.to_builtins(trace.findings)}


def main() -> None:
    """Run from the command line."""
    for name in sys.argv[1:]:
        forked.run(name, partial(watch, name))


if __name__ == "__main__":
    main()
