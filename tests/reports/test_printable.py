"""Text made safe to print, and short."""

from __future__ import annotations

import pytest

from shapetrace.reports.printable import short, visible


@pytest.mark.parametrize("text", ["a b", "a\nb", "a  \r\n\t b", "a\n\n  b"])
def test_what_is_short_stands_on_one_line(text: str) -> None:
    assert short(text) == "a b"


def test_other_characters_that_cannot_be_seen_are_shown() -> None:
    assert short("a\tb\x1b[0m") == "a␉b␛[0m"
    assert visible("a\nb", lines=True) == "a\nb"


def test_a_long_text_is_cut_in_the_middle() -> None:
    assert short("0123456789", limit=7) == "0123…89"
