"""The whole way, once: a real export under `shapetrace run`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetrace import load
from subprocess_run import ROOT, run_python

EXPORT = ROOT / "examples" / "rtdetrv2" / "export.py"


@pytest.mark.paddle
def test_the_export_fails_as_before_and_is_explained(tmp_path: Path) -> None:
    options = ["--report", "out.json", "--trace", "out.shapetrace", "--fail-on", "error"]

    result = run_python(["-m", "shapetrace", "run", *options, EXPORT], cwd=tmp_path)

    traceback, _, report = result.stderr.partition("error[ST101]")
    assert result.returncode == 3
    assert "But received shape[0] = -8." in traceback
    assert "shapetrace" not in traceback  # neither frames of ours nor the note that the report below repeats
    assert report.startswith(": reshape got shape[0] = -8")
    first, second = json.loads((tmp_path / "out.json").read_text())["findings"]
    assert (first["rule"], first["symbolic"], first["count"]) == ("ST101", "8*image[0]", 3)
    assert second["sink"]["line"] == first["sink"]["line"] + 10  # which the failure had hidden
    assert len(load(tmp_path / "out.shapetrace").findings) == 2


@pytest.mark.paddle
def test_names_for_dims_must_name_inputs(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import paddle\n"
        "spec = [paddle.static.InputSpec([-1, 4], name='x')]\n"
        "paddle.jit.save(paddle.nn.Linear(4, 2), 'out', input_spec=spec)\n"
    )

    result = run_python(["-m", "shapetrace", "run", "--dim", "image=B,4", "script.py"], cwd=tmp_path)

    assert result.returncode == 2
    assert "shapetrace: dims name the input 'image', but the conversion has x\n" in result.stderr
