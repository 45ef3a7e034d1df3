"""Judges findings by what the export does: an error or a warning belongs to an export that is not the model, and to no other.

    python -m oracle.judging DIRECTORY FIRST COUNT

Prints a JSON line a model, with its `verdict`:

`found`: the export is refused, fails when it is run, or differs from dygraph at some size; and there is an error or a warning.
`healthy`: it equals dygraph at all sizes, and there is none.
`missed`: it is wrong, and nothing is said.
`false alarm`: it is right, and something is said.
`uncounted`: the model does not run in dygraph, the export gives now this result and now that (Paddle's programs with an `if` do,
    unwatched as well), or Paddle's own lottery (docs/reliability.md) ended the export.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import paddle

import forked
import shapetrace
from oracle import writing

TOLERANCE = 1e-4
"""Of a difference, relative to the largest value of the output."""
UNSTABLE = "the same export gives another result at another run"
LOTTERY = "Not found key in IRMapping"
"""What Paddle 3.3 says now and then of a function with a loop, unwatched as well."""
TRIES = 8
"""How often an export that differs is run again, to see whether it always does."""
CPU = 60
"""Seconds of processor for a model."""


def judged(path: Path) -> dict[str, Any]:
    """Export a model of `writing` under a watch, run it in dygraph and as exported, and compare."""
    module = _loaded(path)
    inputs = [_inputs(shapes) for shapes in module.SHAPES]
    expected = [_run(_model(module), arrays) for arrays in inputs]
    if sum(isinstance(output, np.ndarray) for output in expected) < 3:
        return {"verdict": "uncounted", "why": next(output for output in expected if isinstance(output, str))}
    raised, loaded = "", None
    with tempfile.TemporaryDirectory() as directory:
        try:
            with shapetrace.watch() as trace:
                paddle.jit.save(_model(module), f"{directory}/model", input_spec=module.SPEC)
        except (Exception, SystemExit) as error:
            raised = f"{type(error).__name__}: {str(error)[-300:]}"
        if LOTTERY in raised:
            return {"verdict": "uncounted", "why": LOTTERY}
        if not raised:
            loaded = paddle.jit.load(f"{directory}/model")
    wrong = [raised] if raised else _differences(loaded, inputs, expected)
    if UNSTABLE in wrong:
        return {"verdict": "uncounted", "why": UNSTABLE}
    findings = [f"{f.rule} {f.severity}: {f.message}" for f in trace.findings if f.severity != "note"]
    verdict = ("found" if findings else "missed") if wrong else ("false alarm" if findings else "healthy")
    return {"verdict": verdict, "wrong": wrong[:2], "findings": findings, "notes": trace.notes}


def _differences(loaded: Any, inputs: list[list[Any]], expected: list[Any]) -> list[str]:
    wrong = []
    for arrays, wanted in zip(inputs, expected, strict=True):
        if isinstance(wanted, np.ndarray):
            difference = _difference(_run(loaded, arrays), wanted)
            if difference and any(not _difference(_run(loaded, arrays), wanted) for _ in range(TRIES)):
                return [UNSTABLE]
            if difference:
                wrong.append(f"{[list(array.shape) for array in arrays]}: {difference}")
    return wrong


def _difference(got: Any, wanted: np.ndarray[Any, Any]) -> str:
    if isinstance(got, str):
        return got
    if got.shape != wanted.shape:
        return f"{list(got.shape)} instead of {list(wanted.shape)}"
    if not np.array_equal(np.isfinite(got), np.isfinite(wanted)):
        return "it is finite elsewhere"
    finite = np.isfinite(wanted)
    worst = np.abs(got[finite] - wanted[finite]).max(initial=0.0)
    largest = np.abs(wanted[finite]).max(initial=0.0)
    return f"by up to {worst:g} of {largest:g}" if worst > TOLERANCE * max(largest, 1e-6) else ""


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _model(module: ModuleType) -> Any:
    paddle.seed(7)
    with paddle.utils.unique_name.guard():
        layer = module.Model()
    layer.eval()
    return layer


def _inputs(shapes: list[list[int]]) -> list[np.ndarray[Any, Any]]:
    chance = np.random.default_rng(sum(map(sum, shapes)))
    return [chance.normal(size=shape).astype("float32") for shape in shapes]


def _run(layer: Any, arrays: list[Any]) -> Any:
    """The output as an array, or what was raised."""
    try:
        with paddle.no_grad():
            return layer(*map(paddle.to_tensor, arrays)).numpy()
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[-200:]}"


def main(directory: str, first: str, count: str) -> None:
    """Run from the command line."""
    warnings.simplefilter("ignore")
    forked.CPU = CPU
    for seed in range(int(first), int(first) + int(count)):
        path = Path(directory) / f"model_{seed}.py"
        path.write_text(writing.source(seed), encoding="utf-8")
        forked.run(str(seed), partial(judged, path))


if __name__ == "__main__":
    main(*sys.argv[1:])
