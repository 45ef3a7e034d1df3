"""The remedy `callables` converts what Paddle skips, and leaves the rest alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import run_python

pytestmark = pytest.mark.paddle

CASES = "plugins.callables_cases"


def export(module: str, function: str, directory: Path) -> dict[str, Any]:
    done = run_python(["-m", "plugins.export_repaired", module, function, directory])
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("model", ["partial_held", "lambda_held", "class_method", "closure", "decorator_without_wraps"])
def test_it_repairs_the_models_of_its_causes(model: str, tmp_path: Path) -> None:
    assert export(f"models.{model}", "broken", tmp_path) == {"equal": [True, True]}


@pytest.mark.parametrize(
    "case",
    [
        "nested_partial",
        "partial_of_bound_method",
        "partial_of_layer",
        "partial_of_lambda",
        "lambda_with_default_and_closure",
        pytest.param(
            "two_lambdas_on_one_line",
            marks=pytest.mark.skipif(
                sys.version_info < (3, 11), reason="Python 3.10 keeps no columns to tell them apart"
            ),
        ),
        "lambda_over_several_lines",
        "closure_over_a_variable_that_changes",
        "wrapped_by_hand",
    ],
)
def test_it_converts(case: str, tmp_path: Path) -> None:
    assert export(CASES, case, tmp_path) == {"equal": [True, True]}


@pytest.mark.parametrize("case", ["generator", "marked_not_to_static", "assigns_nonlocals"])
def test_it_leaves_alone(case: str, tmp_path: Path) -> None:
    assert "shape[0] = -8" in export(CASES, case, tmp_path)["refused"]
