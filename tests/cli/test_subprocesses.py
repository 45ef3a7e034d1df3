"""`shapetrace run --subprocesses`: what a script starts is watched as well."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from shapetrace import load
from subprocess_run import ROOT, run_python

EXPORT = ROOT / "examples" / "rtdetrv2" / "export.py"
STARTS = f"""
import subprocess, sys
done = subprocess.run([sys.executable, {str(EXPORT)!r}, "--output", "out/model"])
print("the child ended with", done.returncode)
"""


def start(place: Path, code: str, *options: str) -> tuple[int, str, str]:
    (place / "starts.py").write_text(code, encoding="utf-8")
    done = run_python(["-m", "shapetrace", "run", *options, "starts.py"], cwd=place)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.paddle
def test_what_a_child_leaks_is_reported(tmp_path: Path) -> None:
    options = ["--subprocesses", "--fail-on", "error", "--trace", "all.trace", "--report", "out.md"]
    code, stdout, stderr = start(tmp_path, STARTS, *options)
    assert "the child ended with 1" in stdout
    assert code == 3
    told = re.search(r"shapetrace: the process (\d+), which the script started:\nerror\[ST101\]: reshape got", stderr)
    assert told, stderr
    assert load(tmp_path / f"all.{told[1]}.trace").findings[0].rule == "ST101"
    assert not load(tmp_path / "all.trace").conversions
    assert "ST101" in (tmp_path / f"out.{told[1]}.md").read_text(encoding="utf-8")


@pytest.mark.paddle
def test_a_remedy_reaches_the_child(tmp_path: Path) -> None:
    code, stdout, stderr = start(tmp_path, STARTS, "--subprocesses", "--remedy", "callables")
    assert (code, "the child ended with 0" in stdout) == (0, True), stderr
    assert "callables was applied" in stderr


@pytest.mark.paddle
def test_without_the_option_children_run_as_ever(tmp_path: Path) -> None:
    _, stdout, stderr = start(tmp_path, STARTS)
    assert "the child ended with 1" in stdout
    assert "ST101" not in stderr


def test_the_environment_is_as_before_and_the_machines_own_sitecustomize_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')", encoding="utf-8")
    code = """
import os, subprocess, sys
print(subprocess.run([sys.executable, "-c", "print('child')"], capture_output=True, text=True).stdout.split())
"""
    (tmp_path / "starts.py").write_text(code, encoding="utf-8")
    whole = """
import os
before = dict(os.environ)
from shapetrace.cli import children
with children.watched({}) as directory:
    exec(open("starts.py").read())
    assert directory.is_dir()
assert dict(os.environ) == before
assert not directory.exists()
"""
    done = run_python(["-c", whole], cwd=tmp_path, env={"PYTHONPATH": f"{ROOT}:{tmp_path}"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["mine", "['mine', 'child']"], sys.version
