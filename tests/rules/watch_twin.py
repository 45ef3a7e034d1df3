"""Converts one twin of a model in `models/` under a watch and prints the findings as JSON, in a process of its own.

python watch_twin.py NAME broken|healthy
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile

import msgspec
import paddle

import shapetrace


def main(name: str, twin: str) -> None:
    """Print `raised` (the type of the conversion's exception, or None), `findings` and `notes`."""
    raised = None
    with tempfile.TemporaryDirectory() as folder:
        try:
            with shapetrace.watch() as trace:
                layer, spec = getattr(importlib.import_module(f"models.{name}"), twin)()
                layer.eval()
                paddle.jit.save(layer, f"{folder}/model", input_spec=spec)
        except Exception as error:
            raised = type(error).__name__
    print(json.dumps({"raised": raised, "findings": msgspec.to_builtins(trace.findings), "notes": trace.notes}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
