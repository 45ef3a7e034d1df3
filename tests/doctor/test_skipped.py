"""What would be skipped is found in the broken models, before a conversion, and in none of the healthy ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import run_python

TESTS = Path(__file__).parent.parent
MODELS = sorted(path.stem for path in (TESTS / "models").glob("*.py") if "\nCAUSE = " in path.read_text("utf-8"))
FOUND = {"partial", "lambda", "generator", "not_to_static", "no-source", "not-global", "c-callable"}
"""The causes that are looked for; the others come about only while code runs."""
UNSEEN = {
    "class_method",  # taken from a class inside forward: it stands in no attribute, and has no global name
    "stale_other_conversion",  # another layer keeps it
}

HARMLESS = {"fallback_of_a_logarithm", "list_index_of_a_remainder", "loop_of_a_remainder", "root_of_numpys"}
"""Their healthy twins hold a partial too, whose result no unknown size changes; before a conversion nobody can know that."""

pytestmark = pytest.mark.paddle


@pytest.fixture(scope="module")
def looked_at() -> dict[str, dict[str, Any]]:
    """The cause and the kinds found, by model and variant."""
    names = [f"models.{name}:{variant}" for name in MODELS for variant in ("broken", "healthy")]
    done = run_python([Path(__file__).with_name("models_looked_at.py"), *names], items=len(names))
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", MODELS)
def test_the_broken_model_is_seen_through(name: str, looked_at: dict[str, dict[str, Any]]) -> None:
    found = looked_at[f"models.{name}:broken"]
    if found["cause"] in FOUND and name not in UNSEEN:
        assert found["kinds"] == [found["cause"]]


@pytest.mark.parametrize("name", MODELS)
def test_the_healthy_model_is_left_in_peace(name: str, looked_at: dict[str, dict[str, Any]]) -> None:
    assert looked_at[f"models.{name}:healthy"]["kinds"] == (["partial"] if name in HARMLESS else [])
