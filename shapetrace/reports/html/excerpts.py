"""Cuts the quoted source of a finding into lines and marked pieces, as a compiler's diagnostic shows them."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from shapetrace.reports.printable import relative, short, visible
from shapetrace.trace import Site, Trace

_WIDEST = 240  # characters of a source line shown around its marked span
_BRIDGED = 2  # unmarked lines between two marked ones that are shown rather than left out


@dataclass(frozen=True)
class Span:
    """A site of a finding and what happened there; the primary one is where it went wrong."""

    site: Site
    label: str
    primary: bool = False


@dataclass
class Piece:
    """Part of a line: its text, and `primary`, `secondary` or nothing for its mark."""

    text: str
    mark: str = ""


@dataclass
class Label:
    """What is written below a line, `indent` columns in."""

    text: str
    indent: int
    mark: str


@dataclass
class Line:
    """One line of source. Number 0 stands for lines that are left out."""

    number: int
    pieces: list[Piece] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


@dataclass
class Excerpt:
    """Lines of one file around the spans of a finding; `line` and `column` are those of the first span."""

    file: str
    line: int
    column: int
    function: str
    lines: list[Line]


def excerpts(trace: Trace, spans: Iterable[Span]) -> list[Excerpt]:
    """Quote the source that `spans` point at, one excerpt a file, in the order the files come up.

    Args:
        trace: Where the quoted lines are kept.
        spans: What to point at.

    Returns:
        The excerpts. A line that the trace does not hold is shown by the code its site recorded.
    """
    files: dict[str, list[Span]] = {}
    for span in spans:
        files.setdefault(span.site.file, []).append(span)
    return [_excerpt(file, found, trace.sources.get(file, {})) for file, found in files.items()]


def _excerpt(file: str, spans: list[Span], source: dict[int, str]) -> Excerpt:
    wanted: dict[int, list[tuple[Span, int, int]]] = {}
    texts: dict[int, str] = {}
    for span in spans:
        for number, start, end, text in _lines_of(span.site, source):
            texts[number] = text
            wanted.setdefault(number, []).append((span, start, end))
    numbers = sorted(wanted)
    shown: list[int] = []
    for number in numbers:
        between = range(shown[-1] + 1, number) if shown else range(0)
        if between and len(between) <= _BRIDGED and all(n in source for n in between):
            for bridge in between:
                texts[bridge] = source[bridge].rstrip("\r\n")
                shown.append(bridge)
        elif between:
            shown.append(0)
        shown.append(number)
    dedent = min((len(texts[n]) - len(texts[n].lstrip(" ")) for n in shown if n and texts[n].strip()), default=0)
    first = spans[0].site
    return Excerpt(
        file=short(relative(file), 400),
        line=first.line,
        column=first.column,
        function=short(first.function),
        lines=[_line(number, texts.get(number, ""), wanted.get(number, []), dedent) for number in shown],
    )


def _lines_of(site: Site, source: dict[int, str]) -> Iterable[tuple[int, int, int, str]]:
    """Line number, start and end column of the mark, and text, for each line of a site."""
    last = min(max(site.end_line, site.line), site.line + 7)
    if not source.get(site.line):
        source = _of_code(site)
    for number in range(site.line, last + 1):
        text = source.get(number, "").rstrip("\r\n")
        if not text:
            continue
        start = site.column if number == site.line else len(text) - len(text.lstrip())
        end = site.end_column if number == site.end_line and site.end_column else len(text)
        if end <= start:  # a site that knows only its line marks all of it
            start, end = len(text) - len(text.lstrip()), len(text)
        yield number, start, min(end, len(text)), text


def _of_code(site: Site) -> dict[int, str]:
    """The lines of a site whose source is not at hand, as far as its own code tells them, where they stood in their columns."""
    first, *others = (site.code or "…").splitlines() or ["…"]
    lines = [" " * (site.column if others else 0) + first, *others[: max(site.end_line - site.line, 0)]]
    return dict(enumerate(lines, site.line))


def _line(number: int, text: str, marks: list[tuple[Span, int, int]], dedent: int) -> Line:
    line = Line(number)
    if number == 0:
        return line
    left, right = dedent, len(text)
    if right - left > _WIDEST:
        centre = marks[0][1] if marks else left
        left = max(dedent, min(centre - _WIDEST // 3, right - _WIDEST))
        right = left + _WIDEST
    edges = sorted({left, right, *(min(max(edge, left), right) for _, start, end in marks for edge in (start, end))})
    if left > dedent:
        line.pieces.append(Piece("…"))
    for begin, stop in itertools.pairwise(edges):
        covering = [span for span, start, end in marks if start <= begin and stop <= end]
        mark = ("primary" if any(span.primary for span in covering) else "secondary") if covering else ""
        line.pieces.append(Piece(_code(text[begin:stop]), mark))
    if right < len(text):
        line.pieces.append(Piece(f"…({len(text) - right} more)"))
    for span, start, _ in sorted(marks, key=lambda mark: mark[1]):
        if number == span.site.line:
            before = ("…" if left > dedent else "") + _code(text[left : min(max(start, left), right)])
            line.labels.append(Label(span.label, _columns(before), "primary" if span.primary else "secondary"))
    return line


def _code(text: str) -> str:
    return visible(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """Width of `text` in a fixed-width font."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
