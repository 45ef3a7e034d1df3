"""The small models are what they say: the broken twin exports wrongly or not at all, the healthy one exactly."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import ROOT, run_python

pytestmark = pytest.mark.paddle

NAMES = sorted(path.stem for path in (ROOT / "tests" / "models").glob("*.py") if "\nRULE = " in path.read_text("utf-8"))


def exported(name: str, twin: str, directory: Path) -> dict[str, Any]:
    done = run_python(["-W", "ignore", "-m", "export_and_compare", name, twin, directory])
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.mark.parametrize("name", NAMES)
def test_healthy_twin_exports_and_equals_itself(name: str, tmp_path: Path) -> None:
    assert exported(name, "healthy", tmp_path) == {"refused": None, "runs": ["equal", "equal"]}


@pytest.mark.parametrize("name", NAMES)
def test_broken_twin_is_refused_or_differs(name: str, tmp_path: Path) -> None:
    model = importlib.import_module(f"models.{name}")
    seen = exported(name, "broken", tmp_path)
    if model.LOUD:
        assert seen["refused"]
    else:
        assert seen["refused"] is None
        assert set(seen["runs"]) != {"equal"}


@pytest.mark.parametrize("sampling", ["default", "discrete"])
def test_example_fails_as_rtdetrv2_does(sampling: str, tmp_path: Path) -> None:
    script = ROOT / "examples" / "rtdetrv2" / "export.py"
    done = run_python([script, "--sampling", sampling, "--output", tmp_path / "model"])
    assert done.returncode == 1
    assert "must not be negative except one unknown dimension. But received shape[0] = -8." in done.stderr
