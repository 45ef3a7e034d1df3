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
    assert "1 conversion of" in result.stderr


@pytest.mark.paddle
@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("image=B,4", "dims name the input 'image', but the conversion has x"),
        ("x=B", "dims name 1 axes of the input 'x', which has 2"),
    ],
)
@pytest.mark.parametrize("loud", [False, True])
def test_a_claim_that_fits_no_input_hides_no_finding(tmp_path: Path, claim: str, sentence: str, loud: bool) -> None:
    body = "x.reshape([x.shape[0] * 2, -1])" if loud else "x * x.shape[0]"
    (tmp_path / "script.py").write_text(
        "import functools, paddle\n"
        f"def leak(x): return {body}\n"
        "class Net(paddle.nn.Layer):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.leak = functools.partial(leak)\n"
        "    def forward(self, x): return self.leak(x)\n"
        "paddle.jit.save(Net(), 'out', input_spec=[paddle.static.InputSpec([-1, 4], name='x')])\n"
    )
    options = ["--dim", claim, "--report", "out.json", "--trace", "out.shapetrace"]

    result = run_python(["-m", "shapetrace", "run", *options, "script.py"], cwd=tmp_path)

    assert result.returncode == (1 if loud else 2)
    assert ("error[ST101]" if loud else "[ST103]") in result.stderr
    assert " ".join(result.stderr.split()).count(sentence) == 1
    assert load(tmp_path / "out.shapetrace").findings
    assert (tmp_path / "out.json").exists()
