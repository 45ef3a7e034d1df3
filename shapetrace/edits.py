"""Edits of source files: merged, looked through for conflicts, and applied to a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    newline = found.group() if (found := _LINE_END.search(text)) else "\n"
    pieces, at = [], 0
    for edit in ordered:
        begin, end = (
            _offset(text, starts, edit.line, edit.column),
            _offset(text, starts, edit.end_line, edit.end_column),
        )
        pieces += [text[at:begin], edit.text.replace("\n", newline)]
        at = end
    return "".join([*pieces, text[at:]])


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
