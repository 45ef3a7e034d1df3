"""A verification as plain values, for `shapetrace verify --json` and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapetrace.said import joined, said
from shapetrace.verify.results import JIT_LOAD, SAME, Engine, Place, Run, Verification

__all__ = ["VERSION", "Engine", "document", "jit_load"]

VERSION = 1
"""Version of the form. It counts up when something is renamed or taken away, not when it is added."""


def document(result: Verification, others: Sequence[Engine] | None = None) -> dict[str, Any]:
    """The result as plain values.

    Args:
        result: Of `verify`.
        others: What further engines than `jit.load` made of the same export; None for those of the result.
    """
    engines = (jit_load(result), *(result.engines if others is None else others))
    return {
        "version": VERSION,
        "model": result.model,
        "ok": result.ok and all(engine.ok is not False for engine in engines),
        "engines": [_engine(engine) for engine in engines],
        "runs": [_run(run) for run in result.runs],
        "advice": str(result.advice),
    }


def jit_load(result: Verification) -> Engine:
    """What Paddle's own `jit.load` made of the export."""
    name = JIT_LOAD
    if result.refused:
        return Engine(name, False, result.stage or "convert", result.refused, result.refused_at)
    if result.untried:
        return Engine(name, None, None, result.untried)
    wrong = [run for run in result.compared if not run.ok]
    if not result.compared:
        undecided = next((run.undecided for run in result.runs if run.undecided), "")
        if undecided:
            return Engine(name, None, None, said("nothing was compared: {}", undecided))
        refusals = dict.fromkeys(run.skipped for run in result.runs)
        fails = said("nothing was compared, the model itself fails: {}", joined("{}; {}", list(refusals)))
        return Engine(name, None, None, fails)
    if not wrong:
        return Engine(name, True, None, SAME, sizes=[run.sizes for run in result.compared])
    first = wrong[0]
    sizes = [run.sizes for run in wrong]
    if first.failure is not None:
        return Engine(name, False, "run", first.failure.message, first.failure.place, sizes)
    difference = first.difference
    assert difference is not None
    return Engine(name, False, "compare", difference.whole, difference.place, sizes)


def _engine(engine: Engine) -> dict[str, Any]:
    return {
        "name": engine.name,
        "ok": engine.ok,
        "stage": engine.stage,
        "says": engine.says,
        "place": None if engine.place is None or not engine.place.op else _place(engine.place),
        "sizes": [dict(sizes) for sizes in engine.sizes],
    }


def _place(place: Place) -> dict[str, Any]:
    site = place.site
    return {
        "file": site.file if site is not None else None,
        "line": site.line if site is not None else None,
        "code": site.code if site is not None else None,
        "op": place.op,
        "operands": list(place.operands),
        "layer": place.layer,
        "clash": list(map(str, place.clash)),
    }


def _run(run: Run) -> dict[str, Any]:
    difference, failure = run.difference, run.failure
    return {
        "sizes": dict(run.sizes),
        "ok": None if run.skipped or run.undecided else run.ok,
        "skipped": run.skipped or str(run.undecided) or None,
        "failure": failure.message if failure is not None else None,
        "difference": None
        if difference is None
        else {"output": difference.output, "kind": difference.kind, "says": difference.message},
        "largest": run.largest,
        "reordered": list(map(str, run.reordered)),
        "rules": list(dict.fromkeys(finding.rule for finding in run.findings)),
    }
