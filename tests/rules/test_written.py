"""What is said of traces written by hand, to the letter: see `written.py`."""

from __future__ import annotations

import pytest

from rules import written


@pytest.mark.parametrize("group", written.GROUPS)
def test_the_findings_are_those_on_file(group: str) -> None:
    kept = (written.GOLDEN / f"{group}.json").read_text(encoding="utf-8")
    assert written.seen(group).splitlines() == kept.splitlines()
