"""Asking whether a dim is unknown is healthy however it is asked, and so is asking a finished program; a decision is not."""

from __future__ import annotations

import pytest

from subprocess_run import told_by_name

pytestmark = pytest.mark.paddle


def test_a_question_whether_a_dim_is_unknown_calls_forth_nothing_and_a_decision_does() -> None:
    told = told_by_name(["-W", "ignore", "-m", "guards"])
    assert {name: line["rules"] for name, line in told.items() if line["healthy"] and line["rules"]} == {}
    decided = {name: line["rules"] for name, line in told.items() if not line["healthy"]}
    assert len(decided) == 5
    assert all(rules == ["ST201"] for rules in decided.values()), decided
