"""Applies the machine fixes of recorded traces to copies of the models, exports those, and compares them with dygraph.

    python -m fix.repaired_exports DIRECTORY models.partial_held:broken models.branch:broken …

DIRECTORY holds the traces, as `recorded_traces.py` keeps them. Each model is exported in a forked process of its own. Prints a line of
JSON each: `equal`, or what went wrong.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import paddle

import forked
import shapetrace
from export_and_compare import ERASED
from shapetrace import Trace, edits
from shapetrace.trace import Edit


def machine_edits(trace: Trace) -> list[Edit]:
    """All edits of a trace that a machine may apply."""
    fixes = [finding.fix for finding in trace.findings if finding.fix is not None]
    return [edit for fix in fixes if fix.applicability == "machine" for edit in fix.edits]


def repaired(name: str, changes: Sequence[Edit], tries: int = 3) -> dict[str, Any]:
    """What becomes of the export of a copy of a model that edits were applied to."""
    module, _, variant = name.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        root = _root(module)
        for file in sorted({edit.file for edit in changes}):
            copy = Path(folder) / Path(file).relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = Path(file).read_text(encoding="utf-8")
            copy.write_text(edits.applied(text, [edit for edit in changes if edit.file == file]), encoding="utf-8")
            _import(".".join(copy.relative_to(folder).with_suffix("").parts), copy)
        try:
            outcome = _compared(importlib.import_module(module), variant, folder)
        except Exception as error:
            if tries > 1 and ERASED in str(error):
                return repaired(name, changes, tries - 1)
            lines = [line for line in str(error).splitlines() if line.strip()]
            outcome = f"{type(error).__name__}: {lines[-1].strip() if lines else ''}"
    return {"outcome": outcome}


def _root(module: str) -> Path:
    """The directory that a module is imported from."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[module.count(".")]


def _import(module: str, file: Path) -> None:
    """Import a module from another file than its own."""
    spec = importlib.util.spec_from_file_location(module, file)
    assert spec is not None and spec.loader is not None
    sys.modules[module] = made = importlib.util.module_from_spec(spec)
    parent, _, last = module.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), last, made)
    spec.loader.exec_module(made)


def _compared(model: ModuleType, variant: str, folder: str) -> str:
    layer, spec = getattr(model, variant)()
    layer.eval()
    samples = [_inputs(spec, sizes) for sizes in _sizes(model)]
    references = [_run(layer, sample) for sample in samples]
    paddle.jit.save(layer, f"{folder}/model", input_spec=spec)
    loaded = paddle.jit.load(f"{folder}/model")
    for sample, reference in zip(samples, references, strict=True):
        result = _run(loaded, sample)
        shapes = [list(value.shape) for value in sample]
        if result.shape != reference.shape:
            return f"at {shapes} the shape is {result.shape} for {reference.shape}"
        if not np.allclose(result, reference, rtol=1e-5, atol=1e-6):
            return f"at {shapes} it differs by {np.abs(result - reference).max():g}"
    return "equal"


def _sizes(model: ModuleType) -> list[list[tuple[int, ...]]]:
    """The sizes of each input that the model is compared at: its own."""
    return [list(sizes) for sizes in getattr(model, "SIZES", None) or [[shape] for shape in model.SHAPES]]


def _inputs(spec: Sequence[Any], sizes: Sequence[tuple[int, ...]]) -> list[np.ndarray[Any, Any]]:
    generator = np.random.default_rng(0)
    return [
        generator.normal(size=size).astype("float32")
        if each.dtype in (paddle.float32, "float32")
        else generator.integers(2, 5, size=size)
        for each, size in zip(spec, sizes, strict=True)
    ]


def _run(layer: Any, inputs: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    with paddle.no_grad():
        result: np.ndarray[Any, Any] = layer(*map(paddle.to_tensor, inputs)).numpy()
    return result


def main(directory: str, *names: str) -> None:
    """Run from the command line."""
    for name in names:
        trace = shapetrace.load(Path(directory) / f"{name.replace(':', '.')}.trace")
        forked.run(name, partial(repaired, name, machine_edits(trace)))


if __name__ == "__main__":
    main(*sys.argv[1:])
