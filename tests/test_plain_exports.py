"""A watched process is the plain process: every file, text, name and traceback that a user can see is the same.

Each case of `plain_exports` runs in a process that watches it and in one that does not, one after the other with all the others, so
that what a watch leaves behind shows in the next ones.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import run_python
from versions import LEGACY

pytestmark = pytest.mark.paddle

HERE = Path(__file__).parent / "plain_exports"
CASES = [
    node.name
    for module in ("exported", "converted", "said")
    for node in ast.parse((HERE / f"{module}.py").read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and any(ast.unparse(item) == "case" for item in node.decorator_list)
]
LOUD = {"unlike_its_spec", "leak_that_fails"} | ({"recomputed"} if LEGACY else set())
"""Those that end in an exception. Paddle 2.6 cannot convert `recompute`."""


@pytest.fixture(scope="module")
def seen() -> dict[str, dict[str, dict[str, Any]]]:
    """What was seen of each case, in either process."""
    both = {}
    for mode in ("plain", "watched"):
        done = run_python(["-m", "plain_exports", mode], items=len(CASES))
        if (
            done.returncode < 0
        ):  # Paddle 3.3.1 itself dies now and then after a loop, unwatched too: docs/reliability.md
            done = run_python(["-m", "plain_exports", mode], items=len(CASES))
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
        both[mode] = {line.pop("name"): line for line in lines}
        assert list(both[mode]) == CASES, (mode, done.returncode, done.stderr[-3000:])
    return both


@pytest.mark.parametrize("case", CASES)
def test_all_that_can_be_seen_is_the_same(seen: dict[str, dict[str, dict[str, Any]]], case: str) -> None:
    plain, watched = seen["plain"][case], seen["watched"][case]
    for key in plain.keys() - {"notes"}:
        assert watched[key] == plain[key], key


@pytest.mark.parametrize("case", CASES)
def test_it_ends_as_it_is_meant_to(seen: dict[str, dict[str, dict[str, Any]]], case: str) -> None:
    assert bool(seen["plain"][case]["raised"]) == (case in LOUD), seen["plain"][case]["raised"]
    assert seen["watched"][case]["notes"] == []
