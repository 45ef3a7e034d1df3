"""Whatever fails in shapetrace, a watched conversion ends as it would unwatched. The cases are in `faults/`."""

from __future__ import annotations

from typing import Any

import pytest

from subprocess_run import told_by_name

pytestmark = pytest.mark.paddle

FUNCTIONS = {
    "fails": 120,
    "leaks": 5,
    "lambda": 5,
    "controls": 20,
    "branches": 5,
    "refused": 3,
    "collects": 3,
    "by hand": 0,
}
"""How many functions each scenario reaches, at the least, that those before it do not."""


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Any]:
    """What came of each scenario, with a fault in each function."""
    return told_by_name(["-m", "faults"], items=10)


@pytest.mark.parametrize("scenario", FUNCTIONS)
def test_a_fault_changes_nothing(scenario: str, scenarios: dict[str, Any]) -> None:
    assert scenarios[scenario]["wrong"] == {}


@pytest.mark.parametrize("scenario", FUNCTIONS)
def test_every_fault_is_named(scenario: str, scenarios: dict[str, Any]) -> None:
    assert scenarios[scenario]["unnamed"] == []


@pytest.mark.parametrize("scenario", FUNCTIONS)
def test_there_were_cases(scenario: str, scenarios: dict[str, Any]) -> None:
    assert scenarios[scenario]["functions"] >= FUNCTIONS[scenario]
    assert scenarios[scenario]["cases"] == scenarios[scenario]["functions"]


def test_every_scenario_is_looked_at(scenarios: dict[str, Any]) -> None:
    assert set(scenarios) == set(FUNCTIONS)
