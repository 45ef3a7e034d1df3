"""Threads, processes and coroutines beside a watch end as they would without one. What they do is in `faults/beside.py`."""

from __future__ import annotations

from typing import Any

import pytest

from subprocess_run import told_by_name

pytestmark = pytest.mark.paddle

CONVERSIONS = {
    "turns": 12,
    "opened_meanwhile": 1,
    "closed_meanwhile": 1,
    "coroutines": 5,
    "left_generator": 1,
    "forks": 1,
    "starts": 1,
}
"""How many conversions are in the trace of each: those of all threads and coroutines, and none of other processes."""


@pytest.fixture(scope="module")
def beside() -> dict[str, Any]:
    """What came of each, without a watch and with one."""
    return told_by_name(["-W", "ignore", "-m", "faults.beside"], items=10)


@pytest.mark.parametrize("name", CONVERSIONS)
def test_it_ends_as_it_would_without_a_watch(name: str, beside: dict[str, Any]) -> None:
    told = beside[name]
    assert "died" not in told, told
    assert told["told"] == told["plain"]
    assert told["notes"] == []


@pytest.mark.parametrize("name", CONVERSIONS)
def test_the_trace_has_what_this_process_converts(name: str, beside: dict[str, Any]) -> None:
    assert beside[name]["conversions"] == CONVERSIONS[name]


@pytest.mark.parametrize("name", ["turns", "coroutines", "opened_meanwhile"])
def test_a_leak_of_another_thread_is_found_and_no_other(name: str, beside: dict[str, Any]) -> None:
    assert {rule for rule, _ in beside[name]["rules"]} == {"ST101"}


def test_everything_beside_is_looked_at(beside: dict[str, Any]) -> None:
    assert set(beside) == set(CONVERSIONS)
