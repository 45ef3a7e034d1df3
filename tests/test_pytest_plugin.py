"""The pytest fixture `shape_watch`, in pytest runs of their own."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from subprocess_run import run_python

pytestmark = pytest.mark.paddle

TESTS = """
import unittest
import paddle
import pytest
import shapetrace
from models import sum_to_zeros

def export(twin, path):
    layer, spec = twin()
    paddle.jit.save(layer, str(path / "model"), input_spec=spec)

def test_broken(shape_watch, tmp_path):
    export(sum_to_zeros.broken, tmp_path)

def test_healthy(shape_watch, tmp_path):
    export(sum_to_zeros.healthy, tmp_path)
    assert shape_watch.conversions or not shape_watch.findings

def test_fails_otherwise(shape_watch, tmp_path):
    export(sum_to_zeros.healthy, tmp_path)
    assert 1 == 2

def test_skips(shape_watch):
    pytest.skip("not today")

@pytest.mark.usefixtures("shape_watch")
def test_named_by_a_mark(tmp_path):
    export(sum_to_zeros.broken, tmp_path)

def test_strict(tmp_path):
    with shapetrace.watch(strict=True):
        export(sum_to_zeros.broken, tmp_path)
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> CompletedProcess[str]:
    place: Path = tmp_path_factory.mktemp("plugin")
    (place / "test_exports.py").write_text(TESTS, encoding="utf-8")
    return run_python(
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "shapetrace.pytest_plugin", "test_exports.py"]
        if "shapetrace" not in _registered()
        else ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_exports.py"],
        cwd=place,
    )


def _registered() -> set[str]:
    from importlib.metadata import entry_points

    return {entry.name for entry in entry_points(group="pytest11")}


def section(done: CompletedProcess[str], name: str) -> str:
    """What pytest prints of one failing test."""
    _, found, after = done.stdout.partition(f"_ {name} _")
    assert found, done.stdout + done.stderr
    return after.partition("\n____")[0].partition("\n====")[0]


def test_findings_are_failures_and_not_errors(done: CompletedProcess[str]) -> None:
    assert "4 failed, 1 passed, 1 skipped" in done.stdout.splitlines()[-1], done.stdout


@pytest.mark.parametrize("name", ["test_broken", "test_named_by_a_mark"])
def test_a_failure_shows_the_line_it_is_about_and_none_of_ours(name: str, done: CompletedProcess[str]) -> None:
    said = section(done, name)
    assert "shapetrace has found errors in this test's conversions:" in said
    assert "error[ST1" in said
    assert "sum_to_zeros.py:" in said
    assert "paddle.zeros(" in said
    assert "pytest_plugin.py" not in said
    assert "watch.py" not in said


def test_another_failure_is_its_own(done: CompletedProcess[str]) -> None:
    assert "assert 1 == 2" in section(done, "test_fails_otherwise")


def test_a_strict_watch_points_at_the_users_with(done: CompletedProcess[str]) -> None:
    said = section(done, "test_strict")
    assert "with shapetrace.watch(strict=True):" in said
    assert "ShapeLeakError: error[ST1" in said
    assert "sum_to_zeros.py:" in said, "the diagnosis is a note of the exception"
    assert "def _conclude" not in said
