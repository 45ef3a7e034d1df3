"""Problems that people reported in public, rebuilt from scratch: a broken model fails, its healthy twin does not.

One process a model (see `models/reported/_measure.py`): conversions of broken models can hang or abort.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import ROOT, run_python, told

FOLDER = Path(__file__).parent / "models" / "reported"
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))

LOUD = {"export raises", "process died"}
SILENT = {"differs", "inference raises", "dims lost"}


def constants(name: str) -> dict[str, Any]:
    """What a model's module claims (`RULE`, `LOUD`, …), read without importing it and Paddle."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def test_there_are_at_least_twenty_problems() -> None:
    assert len(NAMES) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_cites_its_thread_and_is_in_the_table(name: str) -> None:
    claims = constants(name)
    docstring = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))) or ""
    thread = docstring.split(" ", 1)[0].rstrip(":")
    assert thread.count("/") == 1 and thread.split("#")[1].isdigit()

    table = (ROOT / "docs" / "reported-problems.md").read_text(encoding="utf-8")
    (row,) = [line for line in table.splitlines() if f"`{name}`" in line]
    assert thread in row
    assert f"| {claims['RULE'] or 'none'} |" in row


@pytest.mark.paddle
@pytest.mark.parametrize("name", NAMES)
def test_broken_model_fails_and_healthy_twin_equals_dygraph(name: str) -> None:
    process = run_python(["-m", "models.reported._measure", name])
    lines = told(process)
    assert lines, process.stderr
    claims, outcomes = lines[0], {line["twin"]: line["outcome"] for line in lines[1:]}

    if "healthy" in claims["twins"]:
        assert outcomes["healthy"] == "equal", lines
    if "broken" in claims["twins"]:
        if process.returncode:
            outcomes.setdefault("broken", "process died")
        assert outcomes["broken"] in (LOUD if claims["loud"] else SILENT), lines
