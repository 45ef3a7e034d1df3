"""An export is repaired, and equal to dygraph, in whichever way the script makes it and whichever remedy is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plugins.rtdetrv2_ways import AROUND, INSIDE, REMEDIES, SCRIPT, WAYS, rows
from subprocess_run import run_python, told_by_name
from versions import LEGACY

pytestmark = pytest.mark.paddle


@pytest.fixture(scope="module")
def exports() -> dict[str, Any]:
    """What `rtdetrv2_ways.py` saw."""
    return told_by_name(["-m", "plugins.rtdetrv2_ways"])


def test_all_ways_are_tried_with_all_remedies() -> None:
    assert {*WAYS} == {*AROUND[:3], *INSIDE}
    assert {(way, remedy) for way, remedy, _ in rows()} >= {(way, remedy) for way in WAYS for remedy in REMEDIES}


@pytest.mark.parametrize("row", list(rows()), ids=" ".join)
def test_the_export_equals_dygraph(row: tuple[str, str, str], exports: dict[str, Any]) -> None:
    way, remedy, _ = row
    seen = exports[" ".join(row)]
    assert seen["code"] == 0
    assert seen["difference"] <= 1e-6
    if way in AROUND:
        assert remedy in ("auto", *seen["remedies"])
        assert "rtdetrv2" in seen["remedies"] or remedy != "auto"
        assert (seen["findings"], seen["verified"]) == ([], [True])
        assert seen["notes"] == [] or LEGACY


def test_a_package_that_is_found_only_later_does_not_refuse_the_run(tmp_path: Path) -> None:
    """Unlike in the other tests, the script is what imports Paddle."""
    report, out = tmp_path / "report.json", tmp_path / "model"
    options = ["--remedy", "rtdetrv2", "--no-verify", "--report", report]
    script = [SCRIPT, "to_static_then_save", out, "rtdetrv2", "default"]
    done = run_python(["-m", "shapetrace", "run", *options, *script], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(report.read_text("utf-8"))
    assert [applied["name"] for applied in said["remedies"]] == ["rtdetrv2"]
    assert said["findings"] == []


def test_a_package_that_is_never_found_is_said(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import paddle\nprint('ran to its end')\n", encoding="utf-8")
    done = run_python(["-m", "shapetrace", "run", "--remedy", "rtdetrv2", script])
    assert (done.returncode, done.stdout) == (0, "ran to its end\n")
    assert "rtdetrv2 was not applied: ppdet.modeling.transformers.utils was never imported" in " ".join(
        done.stderr.split()
    )
