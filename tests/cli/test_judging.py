"""What a command does not tell of: settings, options and baselines, in `report` and `run`. None of it needs Paddle."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from example_traces import leaky_trace
from shapetrace import Trace
from shapetrace.cli import main
from shapetrace.cli.judging import Judging
from shapetrace.settings import Settings
from shapetrace.suppression import Baseline, Choice
from subprocess_run import run_python

TOLD = ["ST101", "ST503"]


def trace() -> Trace:
    """A trace with a finding of two rules, at one line."""
    leaky = leaky_trace()
    (leak,) = leaky.findings
    leaky.findings.append(msgspec.structs.replace(leak, rule="ST503"))
    return leaky


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    trace().save(tmp_path / "leaky.trace")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The rules that `shapetrace report` tells of."""
    assert main(["report", "leaky.trace", "--format", "json", *options]) == 0
    return sorted({finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]})


def test_rules_can_be_selected_and_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == TOLD
    assert told(capsys, "--select", "ST1") == ["ST101"]
    assert told(capsys, "--ignore", "ST7,ST101") == ["ST503"]


def test_a_project_says_it_once_and_an_option_otherwise(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.shapetrace]\nignore = ["ST101"]\n')
    assert "ST101" not in told(capsys)
    assert told(capsys, "--isolated") == TOLD
    assert told(capsys, "--ignore", "ST9") == TOLD


def test_the_language_of_a_project_is_that_of_its_reports(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.shapetrace]\nlang = "zh"\n')
    assert main(["report", "leaky.trace", "--format", "html"]) == 0
    assert '<html lang="zh-Hans"' in capsys.readouterr().out


def test_a_summary_says_what_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "leaky.trace", "--select", "ST9"]) == 0
    out = capsys.readouterr().out
    assert "no findings (2 suppressed: 2 by select, ignore or exclude)" in " ".join(out.split())


def test_what_a_baseline_holds_is_not_told_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "leaky.trace", "--ignore", "ST101", "--write-baseline", "known.json"]) == 0
    assert capsys.readouterr().err == "shapetrace: wrote known.json\n"
    assert told(capsys, "--baseline", "known.json") == ["ST101"]


def test_a_baseline_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "leaky.trace", "--baseline", "known.json"]) == 2
    assert capsys.readouterr().err == (
        "shapetrace: cannot read the baseline known.json: No such file or directory; --write-baseline known.json makes one\n"
    )


def test_an_unknown_setting_ends_a_run_before_its_script(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.shapetrace]\nremedy = ['auto']\n")
    (project / "script.py").write_text("raise SystemExit(7)")
    assert main(["run", "script.py"]) == 2
    assert "has no setting 'remedy': did you mean remedies?" in capsys.readouterr().err


def test_a_command_fails_only_over_what_is_told_and_not_yet_known() -> None:
    nothing = Settings()
    for judging, grave in [
        (Judging(nothing, Choice()), True),
        (Judging(nothing, Choice(ignore=("ST",))), False),
        (Judging(nothing, Choice(), written="known.json"), False),
    ]:
        found = trace()
        judging.suppress([found])
        assert judging.grave([found], "error") is grave
        assert judging.grave([found], None) is False
    again = trace()
    Judging(nothing, Choice(), Baseline("known.json")).suppress([again])
    assert again.findings == []


SCRIPT = """
import functools, sys
import paddle
from paddle.static import InputSpec

def flat(x):
    return x.reshape([x.shape[0] * 2, -1]){comment}

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.flat = functools.partial(flat)

    def forward(self, x):
        return self.flat(x)

try:
    paddle.jit.save(Net(), "model", [InputSpec([-1, 4], "float32", "x")])
except AssertionError:
    sys.exit(0)
"""


@pytest.mark.paddle
@pytest.mark.parametrize(
    ("comment", "code", "says"),
    [
        ("", 3, "error[ST101]"),
        ("  # shapetrace: ignore[ST101]", 0, "no findings (1 suppressed: 1 by comments)"),
    ],
)
def test_a_project_fails_over_what_no_comment_silences(project: Path, comment: str, code: int, says: str) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.shapetrace]\nfail-on = "error"\nignore = ["ST809"]\n[tool.shapetrace.dims]\nother = ["B", 3]\n'
    )
    (project / "script.py").write_text(SCRIPT.format(comment=comment))
    done = run_python(["-m", "shapetrace", "run", "script.py"], cwd=project)
    assert says in done.stderr
    assert done.returncode == code
