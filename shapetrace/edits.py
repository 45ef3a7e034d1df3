"""Edits of source files: merged, looked through for conflicts, and applied to a text."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shapetrace.trace import Edit

_LINE_END = re.compile(r"\r\n|\r|\n")


class OverlapError(ValueError):
    """Raised where two edits want to change the same characters in different ways."""


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in the order of their places, equal ones once."""
    return sorted(set(edits), key=lambda edit: (edit.file, _start(edit), _end(edit), edit.text))


def overlapping(edits: Iterable[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """The pairs of different edits that cannot both be applied. Insertions at one place stand one after the other."""
    reach: Edit | None = None
    for edit in merged(edits):
        if reach is not None and reach.file == edit.file and _start(edit) < _end(reach):
            yield reach, edit
        if reach is None or reach.file != edit.file or _end(edit) > _end(reach):
            reach = edit


def applied(text: str, edits: Iterable[Edit]) -> str:
    """A file's text with edits applied to it.

    Args:
        text: The text; its line ends may be of any kind, and what is inserted gets those of its first line.
        edits: Edits of this one file.

    Raises:
        OverlapError: Two of them overlap.
        ValueError: One is outside of the text.
    """
    ordered = merged(edits)
    for first, other in overlapping(ordered):
        raise OverlapError(f"the edits at lines {first.line} and {other.line} overlap")
    starts, newline = _starts(text), _newline(text)
    pieces, at = [], 0
    for edit in ordered:
        begin, end = (
            _offset(text, starts, edit.line, edit.column),
            _offset(text, starts, edit.end_line, edit.end_column),
        )
        pieces += [text[at:begin], edit.text.replace("\n", newline)]
        at = end
    return "".join([*pieces, text[at:]])


class _Change(NamedTuple):
    """An edit in the text between two rounds of edits, and what it replaced in the text before."""

    begin: int
    end: int
    was: tuple[int, int] | None
    """None for an edit of the second round."""
    edit: Edit

    @property
    def was_begin(self) -> int:
        """Where what it replaced began."""
        return self.was[0] if self.was is not None else self.begin

    @property
    def shift(self) -> int:
        """From what lies behind it to where that was before."""
        return self.was[1] - self.end if self.was is not None else 0


def composed(text: str, first: Iterable[Edit], later: Iterable[Edit]) -> dict[tuple[int, Edit], Edit]:
    """Edits of a text, and edits of what these make of it, as edits of the text.

    Args:
        text: The text of one file.
        first: Edits of it.
        later: Edits of `applied(text, first)`.

    Returns:
        What stands for each edit of the rounds 1 and 2: one edit for those that touch.

    Raises:
        OverlapError: Two of the same round overlap.
        ValueError: One is outside of its text.
    """
    middle = applied(text, first)
    applied(middle, later)
    old = _made(text, first)
    changes = [*old, *(_Change(*_range(middle, edit), None, edit) for edit in merged(later))]
    combined: dict[tuple[int, Edit], Edit] = {}
    for group in _touching(changes):
        if len(group) == 1 and group[0].was is not None:
            whole = group[0].edit
        else:
            whole = _whole(text, middle, group, [change for change in old if change.end < group[0].begin])
        combined |= {(2 if change.was is None else 1, change.edit): whole for change in group}
    return combined


def _made(text: str, edits: Iterable[Edit]) -> list[_Change]:
    """Where the edits of a text are in the text that they make."""
    changes, shift, newline = [], 0, _newline(text)
    for edit in merged(edits):
        begin, end = _range(text, edit)
        length = len(edit.text.replace("\n", newline))
        changes.append(_Change(begin + shift, begin + shift + length, (begin, end), edit))
        shift += length - (end - begin)
    return changes


def _touching(changes: Iterable[_Change]) -> list[list[_Change]]:
    groups: list[list[_Change]] = []
    reach = -1
    for change in sorted(changes, key=lambda item: item[:2]):
        if change.begin > reach:
            groups.append([])
        groups[-1].append(change)
        reach = max(reach, change.end)
    return groups


def _whole(text: str, middle: str, group: list[_Change], before: list[_Change]) -> Edit:
    """The edit of the text that does what a group of edits does; `before` are those of the first round before it."""
    low, high = min(change.begin for change in group), max(change.end for change in group)
    parts, at = [], low
    for change in group:
        if change.was is None:
            parts += [middle[at : change.begin], change.edit.text.replace("\n", _newline(middle))]
            at = change.end
    made = "".join([*parts, middle[at:high]]).replace(_newline(text), "\n")
    old = [change for change in group if change.was is not None]
    begin, end = low, high
    if old:
        begin = old[0].was_begin - (old[0].begin - low)
    elif before:
        begin += before[-1].shift
    if old or before:
        end += (old or before)[-1].shift
    return Edit(group[0].edit.file, *_place(text, begin), *_place(text, end), made)


def _range(text: str, edit: Edit) -> tuple[int, int]:
    starts = _starts(text)
    return _offset(text, starts, edit.line, edit.column), _offset(text, starts, edit.end_line, edit.end_column)


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset."""
    starts = _starts(text)
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1]


def _starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def _newline(text: str) -> str:
    return ending.group() if (ending := _LINE_END.search(text)) else "\n"


def _offset(text: str, starts: list[int], line: int, column: int) -> int:
    if line == len(starts) + 1 and column == 0 and text and starts[-1] < len(text):  # after a last line without an end
        return len(text)
    if not 0 < line <= len(starts):
        raise ValueError(f"there is no line {line}")
    offset = starts[line - 1] + column
    if offset > (starts[line] if line < len(starts) else len(text)):
        raise ValueError(f"line {line} has no column {column}")
    return offset


def _start(edit: Edit) -> tuple[int, int]:
    return edit.line, edit.column


def _end(edit: Edit) -> tuple[int, int]:
    return edit.end_line, edit.end_column
