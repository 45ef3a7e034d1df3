"""A fixture for all tests of rules."""

from __future__ import annotations

from typing import Any

import pytest

from shapetrace import rules
from shapetrace.trace import Finding
from whole_findings import see_that_it_can_be_told


@pytest.fixture(autouse=True)
def findings_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at all that the rules find in a test, whatever the test itself looks at."""
    check = rules.check

    def checked(*arguments: Any) -> list[Finding]:
        found = check(*arguments)
        for finding in found:
            see_that_it_can_be_told(finding)
        return found

    monkeypatch.setattr(rules, "check", checked)
