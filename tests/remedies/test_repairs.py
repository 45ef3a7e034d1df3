"""Which remedies repair which of the small models: the table in docs/reference is what is measured here."""

from __future__ import annotations

import re
from typing import Any

import pytest

from recorded_traces import Recordings
from subprocess_run import ROOT, run_python, told

pytestmark = pytest.mark.paddle

REMEDIES = ("callables", "symbolic-dims", "auto")
TABLE = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs" / "reference" / "what-remedies-repair.md").read_text("utf-8").splitlines()
    if re.match(r"\| \w+ \| ST\d+ \|", line)
]
LEAKS_INTO_OPS = ("ST101", "ST102", "ST103")
"""The rules whose violations can be healed; what Python decided or made text of cannot."""
UNSEEN = ("baked_in", "stale_other_conversion")
"""What is found there is a note, or needs a dim that is an int: `callables` makes it a tensor."""
STILL_KEPT = ("stale_on_object",)
"""The object still holds the dim; what it stands for is right by now."""


@pytest.fixture(scope="module")
def exported() -> dict[str, Any]:
    """What became of each broken model with each remedy, by `name:broken:remedy`."""
    names = [f"{name}:broken:{remedy}" for name, *_ in TABLE for remedy in REMEDIES]
    done = run_python(["-W", "ignore", "-m", "export_and_compare", *names], items=len(names))
    seen = told(done)
    assert [result["name"] for result in seen] == names, done.stderr[-2000:]
    return {result["name"]: result for result in seen}


def test_every_model_is_in_the_table() -> None:
    models = (ROOT / "tests" / "models").glob("*.py")
    assert [row[0] for row in TABLE] == sorted(path.stem for path in models if "\nRULE = " in path.read_text("utf-8"))


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in TABLE])
def test_the_table_says_what_is_measured(exported: dict[str, Any], row: list[str]) -> None:
    results = [exported[f"{row[0]}:broken:{remedy}"] for remedy in REMEDIES]
    assert row[2:5] == ["yes" if repaired(result) else "no" for result in results], results
    assert bool(row[5]) == ("no" in row[2:5]), "a reason belongs to each that is not repaired, and to no other"


@pytest.mark.parametrize("name", [row[0] for row in TABLE if row[0] not in UNSEEN])
def test_what_is_not_repaired_is_reported(exported: dict[str, Any], name: str) -> None:
    for remedy in REMEDIES:
        result = exported[f"{name}:broken:{remedy}"]
        assert repaired(result) or result["findings"], remedy


@pytest.mark.parametrize("name", [row[0] for row in TABLE if row[1] in LEAKS_INTO_OPS])
def test_a_dim_that_an_op_takes_reaches_it_as_a_tensor(exported: dict[str, Any], name: str) -> None:
    assert repaired(exported[f"{name}:broken:symbolic-dims"])


@pytest.mark.parametrize("name", [row[0] for row in TABLE if row[0] not in STILL_KEPT])
def test_what_is_repaired_is_no_finding_any_more(exported: dict[str, Any], name: str) -> None:
    for remedy in REMEDIES:
        result = exported[f"{name}:broken:{remedy}"]
        assert not repaired(result) or result["findings"] == [], remedy


@pytest.mark.parametrize("name", [row[0] for row in TABLE if row[0] != "stale_other_conversion"])
def test_no_remedy_is_named_that_repairs_nothing(exported: dict[str, Any], recorded: Recordings, name: str) -> None:
    found = recorded.trace(f"models.{name}:broken").findings
    named = {remedy for finding in found if finding.severity != "note" for remedy in finding.remedies}
    helps = {remedy for remedy in REMEDIES[:2] if repaired(exported[f"{name}:broken:{remedy}"])}
    assert named <= helps


def repaired(result: dict[str, Any]) -> bool:
    """Whether the export gives what the model gives, at every size."""
    return set(result["runs"]) == {"equal"}
