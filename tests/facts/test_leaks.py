"""The functions that leak by themselves: the data file says what the page for people says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shapetrace.facts import leaks

PAGE = Path(__file__).parents[2] / "docs/reference/paddle-apis-that-leak.md"


@pytest.mark.paddle
def test_the_page_names_the_functions_that_the_data_has() -> None:
    from survey.paddle_leaks import COMPARING, DISTRIBUTIONS

    table = PAGE.read_text("utf-8").partition("## Leaks")[2].partition("\n## ")[0]
    read = re.findall(r"`([\w<>]+) \((paddle/[\w/]+\.py):\d+\)`", table)
    assert {name for name, file in read if not file.startswith(DISTRIBUTIONS)} - COMPARING.keys() == leaks._readers()


def test_code_is_known_by_its_name() -> None:
    def pdist() -> None: ...
    def cdist() -> None: ...

    assert (leaks.reads(pdist.__code__), leaks.reads(cdist.__code__)) == (True, False)
