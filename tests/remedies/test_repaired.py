"""What remedies have repaired is said, and only that."""

from __future__ import annotations

from typing import Any

import pytest

from remedies import repaired_models
from shapetrace import Trace, repairs
from shapetrace.reports import wording
from shapetrace.trace import Applied, Conversion, Finding, Site
from subprocess_run import told_by_name

HALVES, SCALED = (function.__code__.co_firstlineno + 1 for function in (repaired_models.halves, repaired_models.scaled))


@pytest.fixture(scope="module")
def watched() -> dict[str, Any]:
    """What `repaired_models.py` saw."""
    return told_by_name(["-m", "remedies.repaired_models"])


@pytest.mark.paddle
@pytest.mark.parametrize(
    ("name", "remedies"),
    [
        ("auto", {"callables": ["repaired", ["ST101", HALVES]], "symbolic-dims": ["unneeded"]}),
        ("callables", {"callables": ["repaired", ["ST101", HALVES]]}),
        ("symbolic-dims", {"symbolic-dims": ["repaired", ["ST101", HALVES]]}),
        ("silent", {"callables": ["repaired", ["ST102", SCALED]]}),
        ("two kinds", {"callables": ["repaired", ["ST101", HALVES], ["ST102", SCALED]]}),
        ("two exports", {"callables": ["repaired", ["ST102", SCALED], ["ST101", HALVES]]}),
        ("healthy", {"callables": ["unneeded"], "symbolic-dims": ["unneeded"]}),
        ("healthy and healed", {"symbolic-dims": ["unneeded"]}),
        ("one of two is healthy", {"callables": ["repaired", ["ST102", SCALED]]}),
        ("beyond it", {"symbolic-dims": ["in-vain"]}),
        ("half of it beyond", {"symbolic-dims": ["repaired", ["ST102", SCALED]]}),
        ("never imported", {}),
        ("nothing converted", {"callables": ["unknown"]}),
    ],
)
def test_what_came_of_each_remedy(name: str, remedies: dict[str, Any], watched: dict[str, Any]) -> None:
    assert watched[name]["remedies"] == remedies


@pytest.mark.paddle
@pytest.mark.parametrize("name", ["callables", "symbolic-dims"])
def test_a_repaired_export_says_which_finding_at_which_line(name: str, watched: dict[str, Any]) -> None:
    assert f"= repaired: ST101 at repaired_models.py:{HALVES} ({name})\n" in watched[name]["text"]


@pytest.mark.paddle
def test_a_healthy_one_says_that_nothing_needed_repair(watched: dict[str, Any]) -> None:
    for name, each in watched.items():
        assert ("= repaired: nothing needed repair\n" in each["text"]) == name.startswith("healthy")


@pytest.mark.paddle
@pytest.mark.parametrize("name", ["beyond it", "half of it beyond", "never imported"])
def test_a_remedy_that_was_tried_is_not_named_again(name: str, watched: dict[str, Any]) -> None:
    tried = "rtdetrv2" if name == "never imported" else "symbolic-dims"
    assert "callables" in watched[name]["named"][0]
    assert tried not in watched[name]["named"][0]


# --- what is told of two builds


def finding(rule: str = "ST101", line: int = 1, *remedies: str, severity: Any = "error") -> Finding:
    return Finding(rule, severity, "text", sink=None, source=Site("a.py", line), remedies=remedies)


def told(names: str, found: list[Finding], without: list[Finding], failed: bool = False) -> dict[str, Any]:
    trace = Trace(conversions=[Conversion("f")], findings=found, remedies=[Applied(name) for name in names.split()])
    trace.remedies = repairs.told(trace, [repairs.Unrepaired(without, failed)])
    return {each.name: (each.outcome, [one.rule for one in each.repaired]) for each in trace.remedies}


def test_a_finding_is_the_most_specific_remedys_that_was_applied() -> None:
    without = [finding("ST101", 1, "mine", "one", "two")]
    assert told("one two", [], without) == {"one": ("repaired", ["ST101"]), "two": ("unneeded", [])}


def test_what_the_only_remedy_does_not_name_is_its_own_all_the_same() -> None:
    assert told("one", [], [finding()]) == {"one": ("repaired", ["ST101"])}


def test_what_none_of_several_names_is_claimed_for_none() -> None:
    assert told("one two", [], [finding()]) == {"one": ("unknown", []), "two": ("unknown", [])}


def test_what_is_still_there_was_not_repaired() -> None:
    assert told("one", [finding()], [finding()]) == {"one": ("in-vain", [])}
    assert told("one", [finding(line=2)], [finding(), finding(line=2)]) == {"one": ("repaired", ["ST101"])}


def test_a_note_is_nothing_to_repair() -> None:
    assert told("one", [], [finding(severity="note")]) == {"one": ("unneeded", [])}


def test_a_conversion_that_fails_without_a_finding_is_no_healthy_one() -> None:
    assert told("one", [], [], failed=True) == {"one": ("unknown", [])}


def test_without_a_second_build_nothing_is_claimed() -> None:
    trace = Trace(conversions=[Conversion("f")], remedies=[Applied("one")])
    assert wording.remedied(trace) == [("remedy", "one was applied, and taken back")]
