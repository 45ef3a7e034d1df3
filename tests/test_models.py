"""The small models are what they say: the broken twin exports wrongly or not at all, the healthy one exactly."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import ROOT, run_python, told

pytestmark = pytest.mark.paddle

NAMES = sorted(path.stem for path in (ROOT / "tests" / "models").glob("*.py") if "\nRULE = " in path.read_text("utf-8"))


@pytest.fixture(scope="session")
def exported() -> dict[str, Any]:
    """What became of each twin, by `name:twin`."""
    twins = [f"{name}:{twin}" for name in NAMES for twin in ("healthy", "broken")]
    done = run_python(["-W", "ignore", "-m", "export_and_compare", *twins], items=len(twins))
    seen = told(done)
    assert [result["name"] for result in seen] == twins, done.stderr[-2000:]
    return {result["name"]: result for result in seen}


@pytest.mark.parametrize("name", NAMES)
def test_healthy_twin_exports_and_equals_itself(exported: dict[str, Any], name: str) -> None:
    seen = exported[f"{name}:healthy"]
    assert (seen["refused"], seen["runs"]) == (None, ["equal", "equal"])


@pytest.mark.parametrize("name", NAMES)
def test_broken_twin_is_refused_or_differs(exported: dict[str, Any], name: str) -> None:
    model = importlib.import_module(f"models.{name}")
    seen = exported[f"{name}:broken"]
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
