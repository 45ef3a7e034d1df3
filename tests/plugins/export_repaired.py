"""Exports a layer with the remedy `callables` and compares. Prints a line of JSON.

Run it in a process of its own: `python -m plugins.export_repaired MODULE FUNCTION DIRECTORY`.
"""

from __future__ import annotations

import importlib
import json
import sys

import numpy as np
import paddle
from paddle.static import InputSpec

from shapetrace.patching import Transaction
from shapetrace_callables import Callables


def main(module: str, function: str, directory: str) -> dict[str, object]:
    made = getattr(importlib.import_module(module), function)()
    layer, spec = made if isinstance(made, tuple) else (made, [InputSpec([-1, 8, 4], "float32", name="x")])
    layer.eval()
    with Transaction() as transaction:
        Callables().apply(transaction)
    try:
        paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
    except Exception as error:
        return {"refused": str(error).strip().splitlines()[-1]}
    finally:
        transaction.undo()
    loaded = paddle.jit.load(f"{directory}/model")
    runs = []
    for batch in (1, 3):
        x = paddle.to_tensor(np.random.RandomState(0).rand(batch, 8, 4).astype("float32"))
        runs.append(np.array_equal(layer(x).numpy(), loaded(x).numpy()))
    return {"equal": runs}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
