"""`shapetrace verify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetrace.cli import main
from subprocess_run import run_python

HERE = Path(__file__).parent.parent


@pytest.mark.paddle
@pytest.mark.parametrize(("variant", "code"), [("healthy", 0), ("broken", 3)])
def test_the_exit_code_says_whether_they_are_the_same(variant: str, code: int) -> None:
    done = run_python(
        ["-m", "shapetrace", "verify", "--size", "batch=2", f"models.sum_to_expand:{variant}"],
        cwd=HERE,
        env={"PYTHONPATH": str(HERE)},
    )
    assert done.returncode == code, done.stderr
    assert ("does NOT give the same" in done.stdout) == bool(code)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("nothing", "names no factory"),
        ("no.such.module:build", "there is no module no.such.module"),
        ("json:build", "the module json has no function build"),
        ("time:time", "must return a layer and its input spec, and returned float"),
    ],
)
def test_a_bad_factory_is_told_in_one_sentence(factory: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", factory]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
