"""Finds the fixes of small models, applies those for a machine to a copy, exports that, and compares it with dygraph.

python -m fix.apply_and_compare models.partial_held:broken models.reported.paddle_53759_pad_to_a_multiple:broken …

Each model is watched in a forked process of its own, and its repaired copy exported in another one. Prints a line of JSON each: the fixable
findings with the applicability of their fixes, and what became of the copy: `equal`, or what went wrong.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import paddle

import forked
import shapetrace
from shapetrace import edits
from shapetrace.trace import Edit, Trace

MORE = 3
"""Sizes tried beside those that the model names: each of its first sizes, with the unknown dims grown."""


def fixes(name: str) -> dict[str, Any]:
    """The findings of a watched export with their fixes, and the edits for a machine."""
    module, _, twin = name.partition(":")
    trace = Trace()
    with tempfile.TemporaryDirectory() as directory:
        try:
            model = importlib.import_module(module)
            with shapetrace.watch(dims=getattr(model, "DIMS", None), collect=True) as trace:
                layer, spec = getattr(model, twin)()
                layer.eval()
                paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
        except Exception:
            pass  # the finding says why
    found = [finding for finding in trace.findings if finding.severity != "note"]
    return {
        "findings": [[finding.rule, finding.fix.applicability if finding.fix else "none"] for finding in found],
        "edits": [
            [edit.file, edit.line, edit.column, edit.end_line, edit.end_column, edit.text]
            for finding in found
            if finding.fix is not None and finding.fix.applicability == "machine"
            for edit in finding.fix.edits
        ],
    }


def repaired(name: str, changes: list[Edit], folder: str) -> dict[str, Any]:
    """What becomes of the export of a copy of the model that the edits were applied to."""
    module, _, twin = name.partition(":")
    levels = module.count(".") + 1
    root = Path(str(importlib.util.find_spec(module).origin)).parents[levels - 1]  # type: ignore[union-attr]
    for file in {edit.file for edit in changes}:
        copy = Path(folder) / Path(file).relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = Path(file).read_text(encoding="utf-8")
        copy.write_text(edits.applied(text, [edit for edit in changes if edit.file == file]), encoding="utf-8")
    _take_from(folder, root, {edit.file for edit in changes})
    try:
        outcome = _export(importlib.import_module(module), twin, folder)
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        outcome = f"{type(error).__name__}: {lines[-1].strip() if lines else ''}"
    return {"outcome": outcome}


def _take_from(folder: str, root: Path, files: set[str]) -> None:
    """Have the copied modules imported in place of the originals."""
    for file in files:
        dotted = ".".join(Path(file).relative_to(root).with_suffix("").parts)
        spec = importlib.util.spec_from_file_location(dotted, Path(folder) / Path(file).relative_to(root))
        assert spec is not None and spec.loader is not None
        sys.modules[dotted] = module = importlib.util.module_from_spec(spec)
        parent, _, last = dotted.rpartition(".")
        if parent:
            setattr(importlib.import_module(parent), last, module)
        spec.loader.exec_module(module)


def _export(model: ModuleType, twin: str, folder: str) -> str:
    layer, spec = getattr(model, twin)()
    layer.eval()
    samples = [_inputs(spec, sizes) for sizes in _sizes(model, spec)]
    references = []
    for sample in samples:
        with paddle.no_grad():
            references.append(_run(layer, sample))
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


def _sizes(model: ModuleType, spec: list[Any]) -> list[list[tuple[int, ...]]]:
    """Sizes to compare at: the model's own."""
    if hasattr(model, "SIZES"):
        return [list(sizes) for sizes in model.SIZES]
    return [[tuple(shape)] for shape in model.SHAPES]


def _inputs(spec: list[Any], sizes: list[tuple[int, ...]]) -> list[np.ndarray[Any, Any]]:
    generator = np.random.default_rng(0)
    return [
        generator.normal(size=size).astype("float32")
        if each.dtype in (paddle.float32, "float32")
        else generator.integers(2, 5, size=size)
        for each, size in zip(spec, sizes, strict=True)
    ]


def _run(layer: Any, inputs: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    result: np.ndarray[Any, Any] = layer(*map(paddle.to_tensor, inputs)).numpy()
    return result


def report(name: str) -> dict[str, Any]:
    """Both steps, each in a process of its own."""
    found = forked.ask(partial(fixes, name))
    if "died" in found:
        return {"findings": [], "outcome": f"the watched export died: {found['died']}"}
    changes = [Edit(*edit) for edit in found["edits"]]
    if not changes:
        return {"findings": found["findings"], "outcome": ""}
    with tempfile.TemporaryDirectory() as folder:
        outcome = forked.ask(partial(repaired, name, changes, folder))
    return {"findings": found["findings"], "outcome": outcome.get("outcome") or f"died: {outcome}"}


if __name__ == "__main__":
    import json

    for argument in sys.argv[1:]:
        print(json.dumps({"name": argument, **report(argument)}), flush=True)
