"""Exports a detector in every way people do, with each remedy, and compares each export with dygraph.

    python -m plugins.rtdetrv2_ways

Each in a forked process. Prints what was seen as JSON lines. The script that exports is `ppdet_like/export_ways.py`.
"""

from __future__ import annotations

import functools
import json
import runpy
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import paddle

import forked
from shapetrace import cli

SCRIPT = Path(__file__).parent / "ppdet_like" / "export_ways.py"
REMEDIES = ("rtdetrv2", "callables", "symbolic-dims", "auto")
AROUND = ("to_static_then_save", "save_with_spec", "save_in_function", "converted_first", "other_default_dtype")
"""Ways of scripts that know nothing of shapetrace: `shapetrace run` is around them."""
INSIDE = ("watch_before_import", "watch_after_build")
WAYS = (*AROUND[:3], *INSIDE)
BATCHES = (1, 3)


def rows() -> Iterator[tuple[str, str, str]]:
    """Way, remedy and sampling method."""
    for remedy in REMEDIES:
        for way in WAYS:
            yield way, remedy, "default"
        yield "to_static_then_save", remedy, "discrete"
    for sampling in ("default", "discrete"):
        yield "plugin_apply", "rtdetrv2", sampling
    for way in AROUND[3:]:
        yield way, "auto", "default"


def exported(way: str, remedy: str, sampling: str) -> dict[str, Any]:
    """Export and compare.

    Returns:
        `code`, the exit code; `difference`, the largest one from dygraph; and of an export inside `shapetrace run` what
        its report says: `remedies`, `findings`, `verified` and `notes`.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, report = f"{folder}/model", f"{folder}/report.json"
        script = [str(SCRIPT), way, out, remedy, sampling]
        if way in AROUND:
            seen = _reported(["run", "--remedy", remedy, "--report", report, *script], Path(report))
        else:
            sys.argv = script
            runpy.run_path(str(SCRIPT), run_name="__main__")
            seen = {"code": 0}
        paddle.set_default_dtype("float32")
        return {**seen, "difference": _difference(out, sampling)}


def _reported(arguments: list[str], report: Path) -> dict[str, Any]:
    code = cli.main(arguments)
    said = json.loads(report.read_text("utf-8"))
    return {
        "code": code,
        "remedies": [applied["name"] for applied in said["remedies"]],
        "findings": [finding["message"] for finding in said["findings"]],
        "verified": [verified["ok"] for verified in said["verified"]],
        "notes": said["notes"],
    }


def _difference(out: str, sampling: str) -> float:
    model, loaded = runpy.run_path(str(SCRIPT))["build"](sampling), paddle.jit.load(out)
    names = [spec.name for spec in loaded._input_spec()]
    worst = 0.0
    for batch in BATCHES:
        draw = np.random.RandomState(batch).rand
        inputs = {"image": draw(batch, 3, 8, 12), "points": draw(batch, 5, 2)}
        tensors = {name: paddle.to_tensor(value.astype("float32")) for name, value in inputs.items()}
        expected = model(tensors)["boxes"].numpy()
        got = loaded(*(tensors[name] for name in names)).numpy()
        worst = max(worst, float(np.abs(expected - got).max()) if expected.shape == got.shape else float("inf"))
    return worst


def main() -> None:
    for row in rows():
        forked.run(" ".join(row), functools.partial(exported, *row))


if __name__ == "__main__":
    main()
