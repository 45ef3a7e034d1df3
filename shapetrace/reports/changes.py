"""What the edits of a fix do to the lines that a trace quotes: line for line, before and after."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from msgspec import structs

from shapetrace import edits
from shapetrace.reports.printable import visible
from shapetrace.trace import Edit, Fix, Trace


class Row(NamedTuple):
    """One line that goes (`-`) or comes (`+`), with its number in the file as it is; 0 for one that comes."""

    sign: Literal["-", "+"]
    number: int
    text: str


class Change(NamedTuple):
    """What happens to neighbouring lines of one file."""

    file: str
    line: int
    rows: tuple[Row, ...]


def of_fix(trace: Trace, fix: Fix) -> list[Change]:
    """The changes of a fix, in the order of their places.

    Args:
        trace: The trace, which has the lines.
        fix: One of its fixes. Where a line is not quoted, the text that comes is shown alone.
    """
    return [_change(trace.sources.get(group[0].file, {}), group) for group in _groups(fix)]


def advice(fix: Fix) -> str:
    """What to think of a fix, as a clause; empty where nothing is to be said."""
    return "look at it before you take it" if fix.applicability == "maybe" else ""


def _groups(fix: Fix) -> Iterator[list[Edit]]:
    """Edits that touch neighbouring lines, together."""
    group: list[Edit] = []
    for edit in edits.merged(fix.edits):
        if group and (edit.file != group[0].file or edit.line > max(item.end_line for item in group) + 1):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _change(lines: Mapping[int, str], group: list[Edit]) -> Change:
    file, first, last = group[0].file, group[0].line, max(edit.end_line for edit in group)
    quoted = [lines.get(number, "") for number in range(first, last + 1)]
    shifted = [structs.replace(edit, line=edit.line - first + 1, end_line=edit.end_line - first + 1) for edit in group]
    try:
        after = edits.applied("".join(f"{line}\n" for line in quoted), shifted).splitlines()
    except ValueError:  # the lines are not quoted, as in a redacted trace
        return Change(
            file, first, tuple(Row("+", 0, _shown(line)) for edit in group for line in edit.text.splitlines())
        )
    rows: list[Row] = []
    for what, begin, end, begin_after, end_after in difflib.SequenceMatcher(None, quoted, after, False).get_opcodes():
        if what != "equal":
            rows += [Row("-", first + index, _shown(quoted[index])) for index in range(begin, end)]
            rows += [Row("+", 0, _shown(line)) for line in after[begin_after:end_after]]
    return Change(file, first, tuple(rows))


def _shown(line: str) -> str:
    return visible(line.expandtabs(4))
