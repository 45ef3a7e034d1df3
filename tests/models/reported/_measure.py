"""Exports one reported model in a process of its own and says what became of it.

Run as `python -m models.reported._measure NAME`. A conversion can loop for ever, eat all memory or kill its process
(see `unbind`), so the one who asks sets the limits, and reads JSON lines: what the model claims, then what became of
each twin, the healthy one first, since the broken one may be the end.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import paddle
from paddle.static import InputSpec


def arrays(specs: list[InputSpec], sizes: list[tuple[int, ...]]) -> list[Any]:
    """Inputs of the given sizes that fit `specs`, the same on every call."""
    generator = np.random.default_rng(0)
    made = []
    for spec, size in zip(specs, sizes, strict=True):
        floats = spec.dtype == paddle.float32
        made.append(generator.normal(size=size).astype("float32") if floats else generator.integers(2, 5, size=size))
    return made


def run(layer: Any, inputs: list[Any]) -> Any:
    return layer(*map(paddle.to_tensor, inputs)).numpy()


def error_of(error: BaseException) -> str:
    """Type and message of an exception, without the source lines that Paddle's report puts before the message."""
    text = str(error)
    kind = type(error).__name__
    starts = [match.end() for match in re.finditer(rf"^\s*{kind}: ", text, re.MULTILINE)]
    return f"{kind}: " + " ".join(text[starts[-1] if starts else 0 :].split())


def export(module: ModuleType, twin: str) -> dict[str, str]:
    """Export one twin and compare it with dygraph at each of the module's sizes.

    Returns:
        `outcome`: `equal`, `dims lost`, `differs`, `inference raises`, or `export raises`; `detail`: the text of the
        exception or the first difference.
    """
    layer, specs = getattr(module, twin)()
    layer.eval()
    samples = [arrays(specs, sizes) for sizes in module.SIZES]
    references = []
    for sample in samples:
        try:
            references.append(run(layer, sample))
        except Exception as error:
            references.append(error_of(error))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        try:
            paddle.jit.save(layer, path, input_spec=specs)
        except Exception as error:
            return {"outcome": "export raises", "detail": error_of(error)}
        loaded = paddle.jit.load(path)
    for sizes, sample, reference in zip(module.SIZES, samples, references, strict=True):
        if isinstance(reference, str):
            return {"outcome": "dygraph raises", "detail": reference}
        try:
            result = run(loaded, sample)
        except Exception as error:
            return {"outcome": "inference raises", "detail": f"at {sizes}: {error_of(error)}"}
        if result.shape != reference.shape:
            return {"outcome": "differs", "detail": f"at {sizes}: shape {result.shape} for {reference.shape}"}
        if not np.allclose(result, reference, atol=1e-5):
            worst = float(np.abs(result - reference).max())
            return {"outcome": "differs", "detail": f"at {sizes}: by up to {worst:g}"}
    known = all(size >= 0 for spec in specs for size in spec.shape)
    lost = [shape for shape in output_shapes(loaded) if any(size < 0 for size in shape)]
    if known and lost:
        return {"outcome": "dims lost", "detail": f"an output has the shape {lost[0]}"}
    return {"outcome": "equal", "detail": ""}


def output_shapes(loaded: Any) -> list[list[int]]:
    """The shapes that an exported model declares for what it returns."""
    if paddle.__version__.startswith("2."):
        return [list(spec.shape) for spec in loaded._output_spec()]
    block = loaded.program().global_block()
    return [list(op.operands_source()[0].shape) for op in block.ops if op.name() == "builtin.shadow_output"]


def main(name: str) -> None:
    module = importlib.import_module(f"models.reported.{name}")
    twins = [twin for twin in ("healthy", "broken") if hasattr(module, twin)]
    print(json.dumps({"rule": module.RULE, "loud": module.LOUD, "twins": twins}), flush=True)
    for twin in twins:
        with contextlib.redirect_stdout(io.StringIO()):
            report = export(module, twin)
        print(json.dumps({"twin": twin, **report}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
