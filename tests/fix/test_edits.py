"""Edits: merged, applied, and refused where they overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapetrace import edits
from shapetrace.trace import Edit

TEXT = "a = f(x)\nb = g(y)\n"


def edit(line: int, column: int, end_line: int, end_column: int, text: str, file: str = "m.py") -> Edit:
    return Edit(file, line, column, end_line, end_column, text)


def test_edits_are_applied_whatever_their_order() -> None:
    changes = [edit(2, 4, 2, 5, "h"), edit(1, 6, 1, 7, "-1"), edit(1, 6, 1, 7, "-1"), edit(2, 0, 2, 0, "c = 3\n")]
    assert edits.applied(TEXT, changes) == "a = f(-1)\nc = 3\nb = h(y)\n"


def test_lines_can_be_put_at_the_end() -> None:
    assert edits.applied(TEXT, [edit(3, 0, 3, 0, "c\n")]) == f"{TEXT}c\n"


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_line_ends_stay_what_they_are(newline: str) -> None:
    changed = edits.applied(TEXT.replace("\n", newline), [edit(2, 0, 2, 0, "c\n")])
    assert changed == "a = f(x)\nc\nb = g(y)\n".replace("\n", newline)


@pytest.mark.parametrize(
    "changes",
    [
        [edit(1, 0, 1, 5, "p"), edit(1, 4, 1, 8, "q")],
        [edit(1, 0, 1, 5, "p"), edit(1, 0, 1, 5, "q")],
        [edit(1, 0, 2, 1, "p"), edit(1, 4, 1, 4, "q")],
    ],
)
def test_what_overlaps_is_refused(changes: list[Edit]) -> None:
    assert list(edits.overlapping(changes))
    with pytest.raises(edits.OverlapError):
        edits.applied(TEXT, changes)


def test_what_touches_or_is_of_other_files_does_not_overlap() -> None:
    changes = [edit(1, 0, 1, 5, "p"), edit(1, 5, 1, 8, "q"), edit(1, 2, 1, 3, "r", "n.py"), edit(1, 5, 1, 5, "s")]
    assert not list(edits.overlapping(changes))


@pytest.mark.parametrize("change", [edit(1, 0, 1, 40, ""), edit(9, 0, 9, 0, ""), edit(0, 0, 0, 0, "")])
def test_what_is_outside_of_the_text_is_refused(change: Edit) -> None:
    with pytest.raises(ValueError, match=r"no line|no column"):
        edits.applied(TEXT, [change])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.text("xy\n", max_size=3)), max_size=4))
def test_one_after_the_other_from_the_end_is_the_same(cuts: list[tuple[int, int, str]]) -> None:
    text = "".join(chr(ord("a") + index % 26) for index in range(40))
    changes = [edit(1, start, 1, start + length, new) for start, length, new in cuts]
    if list(edits.overlapping(changes)):
        return
    wanted = text
    for change in reversed(edits.merged(changes)):
        wanted = wanted[: change.column] + change.text + wanted[change.end_column :]
    assert edits.applied(text, changes) == wanted


TWO_LINES = "one two three\nfour five six\n"


@st.composite
def rounds(draw: st.DrawFn) -> tuple[str, list[Edit], list[Edit]]:
    """A text, edits of it, and edits of what these make of it."""

    def changes(text: str) -> list[Edit]:
        places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        texts = st.sampled_from(["", "x", "yy", "a\nb", "\n"])
        made = []
        for begin, end in zip(places[::2], places[1::2], strict=False):
            made.append(edit(*at(text, begin), *at(text, end), draw(texts)))
        return made

    def at(text: str, offset: int) -> tuple[int, int]:
        before = text[:offset].split("\n")
        return len(before), len(before[-1])

    first = changes(TWO_LINES)
    return TWO_LINES, first, changes(edits.applied(TWO_LINES, first))


@given(rounds())
def test_two_rounds_of_edits_can_be_made_at_once(made: tuple[str, list[Edit], list[Edit]]) -> None:
    text, first, later = made
    both = edits.composed(text, first, later)
    assert both.keys() == {*((1, each) for each in first), *((2, each) for each in later)}
    assert edits.applied(text, both.values()) == edits.applied(edits.applied(text, first), later)


def test_rounds_keep_the_line_ends() -> None:
    text = TWO_LINES.replace("\n", "\r\n")
    first, later = [edit(1, 4, 1, 7, "2\n2")], [edit(2, 0, 2, 1, "II"), edit(3, 0, 3, 4, "4\n")]
    both = edits.composed(text, first, later)
    assert edits.applied(text, both.values()) == "one 2\r\nII three\r\n4\r\n five six\r\n"


def test_edits_that_do_not_meet_stay_as_they_are() -> None:
    first, later = edit(1, 0, 1, 3, "1\n1"), edit(3, 0, 3, 4, "4")
    assert edits.composed(TWO_LINES, [first], [later]) == {(1, first): first, (2, later): edit(2, 0, 2, 4, "4")}
