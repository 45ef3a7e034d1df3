"""Whatever fails in a remedy, and whenever Ctrl-C comes, the process is as before. The cases are in `faults/`."""

from __future__ import annotations

from typing import Any

import pytest

from subprocess_run import told_by_name

pytestmark = pytest.mark.paddle

GROUPS = {
    "opening": 50,
    "settling": 54,
    "settling_late": 50,
    "undoing": 8,
    "in_conversions": 24,
    "every_change": 180,
    "every_change_of_a_watch": 16,
    "every_line_of_a_watch": 20,
    "every_line_of_settling": 15,
    "every_line_by_hand": 5,
    "threads_in_a_watch": 8,
    "closing_over_a_conversion": 4,
    "settling_at_once": 2,
    "one_after_the_other": 12,
}
"""How many cases each group has at the least: one that tries nothing finds nothing wrong."""


@pytest.fixture(scope="module")
def groups() -> dict[str, Any]:
    """What each group of cases found."""
    return told_by_name(["-m", "remedies.faults"], items=10)


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_is_left(group: str, groups: dict[str, Any]) -> None:
    found = groups[group]
    assert "died" not in found, found
    assert found["wrong"] == {}
    assert found["count"] >= GROUPS[group]


def test_every_group_is_looked_at(groups: dict[str, Any]) -> None:
    assert set(groups) == set(GROUPS)
