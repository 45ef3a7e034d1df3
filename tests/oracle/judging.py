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
from typing import Any, NamedTuple

import numpy as np
import paddle

import forked
import shapetrace
from export_and_compare import ERASED
from oracle import writing
from shapetrace import Trace
from shapetrace.trace import Finding

TOLERANCE = 1e-4
"""Of a difference, relative to the largest value of the output."""
UNSTABLE = "the same export gives another result at another run"
TRIES = 8
"""How often an export that differs is run again, to see whether it always does."""
CPU = 60
"""Seconds of processor for a model."""


class Exported(NamedTuple):
    """An export under a watch: what is wrong with it at which sizes, and why it cannot be counted."""

    trace: Trace
    wrong: list[str]
    raised: bool
    uncounted: str = ""

    @property
    def told(self) -> list[Finding]:
        """The errors and warnings."""
        return [finding for finding in self.trace.findings if finding.severity != "note"]


class Model(NamedTuple):
    """A model of `writing`, its inputs at each of its sizes, and what it makes of them in dygraph."""

    module: ModuleType
    inputs: list[list[Any]]
    expected: list[Any]

    @classmethod
    def read(cls, path: Path) -> Model:
        """Import it and run it in dygraph."""
        module = loaded(path)
        inputs = [_inputs(shapes) for shapes in module.SHAPES]
        return cls(module, inputs, [_run(model(module), arrays) for arrays in inputs])

    @property
    def unfit(self) -> str:
        """Why it cannot be judged: what dygraph raises at nearly all sizes, or nothing."""
        if sum(isinstance(output, np.ndarray) for output in self.expected) >= 3:
            return ""
        return next(output for output in self.expected if isinstance(output, str))

    def exported(self, heal: bool = False) -> Exported:
        """Export it under a watch, and compare."""
        raised, loaded = "", None
        with tempfile.TemporaryDirectory() as directory:
            try:
                with shapetrace.watch(heal=heal) as trace:
                    paddle.jit.save(model(self.module), f"{directory}/model", input_spec=self.module.SPEC)
            except (Exception, SystemExit) as error:
                raised = f"{type(error).__name__}: {str(error)[-300:]}"
            try:
                loaded = None if raised else paddle.jit.load(f"{directory}/model")
            except (
                Exception
            ) as error:  # Paddle 3.3.1 cannot read the file in which it has written a number that is none
                return Exported(trace, [f"{type(error).__name__}: {str(error)[-300:]}"], False)
        wrong = [raised] if raised else _differences(loaded, self.inputs, self.expected)
        reasons = [reason for reason in (ERASED, UNSTABLE) if any(reason in text for text in wrong)]
        return Exported(trace, wrong, bool(raised), "".join(reasons))


def judged(path: Path) -> dict[str, Any]:
    """Export a model of `writing` under a watch, run it in dygraph and as exported, and compare."""
    model = Model.read(path)
    if model.unfit:
        return {"verdict": "uncounted", "why": model.unfit}
    export = model.exported()
    if export.uncounted:
        return {"verdict": "uncounted", "why": export.uncounted}
    findings = list(map(said, export.told))
    verdict = ("found" if findings else "missed") if export.wrong else ("false alarm" if findings else "healthy")
    return {"verdict": verdict, "wrong": export.wrong[:2], "findings": findings, "notes": export.trace.notes}


def said(finding: Finding) -> str:
    """A finding in one line."""
    return f"{finding.rule} {finding.severity}: {finding.message}"


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


def loaded(path: Path) -> ModuleType:
    """A source, imported."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def model(module: ModuleType) -> Any:
    """Its model, with the weights that it always has."""
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
