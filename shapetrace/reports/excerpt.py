"""Draws the user's source lines with spans marked under them, in the manner of rustc.

All positions are terminal cells, not characters: a CJK character is two cells wide and a tab is four.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from shapetrace.reports import breaking
from shapetrace.reports.printable import relative, visible
from shapetrace.trace import Site

_TAB = "    "
_MAX_SPAN_LINES = 4  # of one span; the lines between its first ones and its last one are left out
_GUTTER = "blue"
_CONSOLE = Console(file=io.StringIO(), width=80)  # rich wants one to wrap text; nothing is printed to it

Sources = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Span:
    """A marked range of source and what to say about it."""

    site: Site
    label: str
    style: str
    primary: bool = False


@dataclass
class _Mark:
    """The part of a span that stands on one line, in cells of the printed text."""

    start: int
    end: int
    span: Span
    label: str


@dataclass
class _Line:
    text: str
    marks: list[_Mark] = field(default_factory=list)


def excerpt(sources: Sources, spans: Sequence[Span], width: int, root: str | None = None) -> list[Text]:
    """The lines that `spans` stand on, file by file, that of the primary span first.

    Args:
        sources: File to line number to text. Where a line is missing, the span's own `site.code` stands in.
        spans: What to mark; at least one.
        width: Cells in a line. Longer source lines are clipped around their marks.
        root: Directory the paths are shown relative to; the current one when None.

    Returns:
        One `Text` a line, without line ends.
    """
    files: dict[str, dict[int, _Line]] = {}
    heads: dict[str, Site] = {}
    for span in sorted(spans, key=lambda span: not span.primary):
        heads.setdefault(span.site.file, span.site)
        _place(span, sources.get(span.site.file, {}), files.setdefault(span.site.file, {}))
    gutter = gutter_width(spans)
    result: list[Text] = []
    for index, (file, lines) in enumerate(files.items()):
        site = heads[file]
        arrow = "-->" if index == 0 else ":::"
        place = f"{visible(relative(file, root))}:{site.line}:{site.column + 1}"
        result.append(Text.assemble(" " * gutter, (f"{arrow} ", _GUTTER), place))
        result.append(Text.assemble((" " * (gutter + 1) + "|", _GUTTER)))
        previous = None
        room = max(width - gutter - 3, 20)
        _dedent(list(lines.values()), room)
        for number in sorted(lines):
            if previous is not None and number > previous + 1:
                result.append(Text("...", _GUTTER))
            result.extend(_draw(number, lines[number], gutter, room))
            previous = number
    return result


def gutter_width(spans: Sequence[Span]) -> int:
    """Cells that the line numbers of an excerpt of `spans` take."""
    return max((len(str(max(span.site.line, span.site.end_line))) for span in spans), default=3)


def _place(span: Span, source: Mapping[int, str], lines: dict[int, _Line]) -> None:
    """Add the lines of `span` to `lines`, and its marks to those."""
    site = span.site
    last = max(site.line, site.end_line)
    texts = {number: source[number] for number in range(site.line, last + 1) if number in source}
    start, end = site.column, site.end_column
    if site.line not in texts or last not in texts:  # then all there is to show is the code of the span
        own = (site.code or "(source not recorded)").splitlines()[: 1 + max(last - site.line, 0)]
        texts = {site.line + offset: text for offset, text in enumerate(own)}
        last = site.line + len(own) - 1
        start, end = 0, len(own[-1])
    shown = list(range(site.line, last + 1))
    if len(shown) > _MAX_SPAN_LINES:
        shown = [*shown[: _MAX_SPAN_LINES - 1], last]
    for number in shown:
        text = texts.get(number, "")
        line = lines.setdefault(number, _Line(_expand(text)))
        left = start if number == site.line else len(text) - len(text.lstrip())
        right = end if number == last and end else len(text.rstrip())
        if number == site.line == last and end <= start:  # only the line is known
            left, right = len(text) - len(text.lstrip()), len(text.rstrip())
        left, right = min(left, len(text.rstrip())), min(right, len(text.rstrip()))  # the file may have changed since
        mark = _Mark(_cells(text[:left]), _cells(text[:right]), span, span.label if number == last else "")
        mark.end = max(mark.end, mark.start + 1)
        _add(line.marks, mark)


def _add(marks: list[_Mark], mark: _Mark) -> None:
    """Append `mark`, or merge it into one of the same range."""
    for other in marks:
        if (other.start, other.end) == (mark.start, mark.end):
            if mark.label and mark.label != other.label:
                other.label = f"{other.label}; {mark.label}" if other.label else mark.label
            return
    marks.append(mark)


def _expand(text: str) -> str:
    return visible(text.rstrip("\r\n").replace("\t", _TAB))


def _cells(text: str) -> int:
    return cell_len(_expand(text))


def _dedent(lines: list[_Line], room: int) -> None:
    """Take the indentation that all lines share from them when one of them is too long."""
    if max(cell_len(line.text) for line in lines) <= room:
        return
    shared = min(len(line.text) - len(line.text.lstrip(" ")) for line in lines)
    for line in lines:
        line.text = line.text[shared:]
        for mark in line.marks:
            mark.start, mark.end = max(mark.start - shared, 0), max(mark.end - shared, 1)


def _draw(number: int, line: _Line, gutter: int, room: int) -> Iterator[Text]:
    """The source line, the row of underlines, and the rows of labels that hang below it."""
    text, marks = _clip(line, room)
    bar = Text.assemble((" " * (gutter + 1) + "| ", _GUTTER))
    yield Text.assemble((f"{number:>{gutter}} | ", _GUTTER), text)
    if not marks:
        return
    yield bar + _underlines(marks, room)
    hanging = sorted((mark for mark in marks if mark.label), key=lambda mark: mark.start)
    if hanging:
        yield bar + _connectors(hanging)
    while hanging:
        mark = hanging.pop()
        for part in wrapped(Text(visible(mark.label), mark.span.style), room):
            start = min(mark.start, room - part.cell_len)
            before = _connectors([other for other in hanging if other.start < start])
            before.append(" " * (start - before.cell_len))
            yield bar + before + part


def wrapped(text: Text, width: int) -> list[Text]:
    """`text` as lines of at most `width` cells, broken between words where it can be; Chinese, between characters."""
    if cell_len(text.plain) > len(text.plain):
        lines = [
            part
            for line in text.split("\n", allow_blank=True)
            for part in line.divide(breaking.starts(line.plain, width)[1:])
        ]
        for line in lines:
            line.rstrip()
        return lines
    return list(text.wrap(_CONSOLE, width, overflow="fold")) or [Text()]


def _underlines(marks: list[_Mark], room: int) -> Text:
    """The row of `^^^^` and `----`, with the label of the span that ends last where it fits."""
    end = max(mark.end for mark in marks)
    cells = [" "] * end
    for mark in sorted(marks, key=lambda mark: (mark.start - mark.end, not mark.span.primary)):  # inner ones on top
        cells[mark.start : mark.end] = ("^" if mark.span.primary else "-") * (mark.end - mark.start)
    row = Text("".join(cells))
    for mark in sorted(marks, key=lambda mark: mark.start - mark.end):
        row.stylize(mark.span.style, mark.start, mark.end)
    last = max(marks, key=lambda mark: (mark.end, mark.start - mark.end, mark.span.primary))
    if last.label and end + 1 + cell_len(last.label) <= room:
        row.append(" ").append(visible(last.label), last.span.style)
        last.label = ""
    return row


def _connectors(marks: Sequence[_Mark]) -> Text:
    row = Text()
    for mark in marks:
        if mark.start >= row.cell_len:
            row.append(" " * (mark.start - row.cell_len)).append("|", mark.span.style)
    return row


def _clip(line: _Line, room: int) -> tuple[str, list[_Mark]]:
    """Cut a line that is too long, around its primary mark, with `…` where something is missing."""
    size = cell_len(line.text)
    marks = [_Mark(mark.start, mark.end, mark.span, mark.label) for mark in line.marks]
    if size <= room:
        return line.text, marks
    start = min((mark.start for mark in marks), default=0)
    if max((mark.end for mark in marks), default=0) - start > room - 2:
        start = next((mark.start for mark in marks if mark.span.primary), start)
    end = max((mark.end for mark in marks), default=0)
    slack = max(room - 2 - (end - start), 0)
    left = 0 if end <= room - 1 else max(min(start - min(slack // 2, 8), size - room + 1), 0)
    head = "…" if left else ""
    body = set_cell_size(_drop(line.text, left), room - len(head))
    if left + room - len(head) < size:
        body = set_cell_size(body, room - len(head) - 1) + "…"
    shift = len(head) - left
    for mark in marks:
        mark.start = min(max(mark.start + shift, 0), room - 1)
        mark.end = min(max(mark.end + shift, mark.start + 1), room)
    return head + body, marks


def _drop(text: str, cells: int) -> str:
    """`text` without its first `cells` cells; half of a wide character that was cut becomes a space."""
    taken = 0
    for index, character in enumerate(text):
        if taken >= cells:
            return " " * (taken - cells) + text[index:]
        taken += cell_len(character)
    return ""
