"""Where the lines of a trace stand in a text that may have changed since it was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from shapetrace.annotated import File
from shapetrace.annotated.statements import Function


@dataclass
class Standing:
    """What became of the lines of one file."""

    lines: dict[int, int] = field(default_factory=dict)
    """Line of the trace to line of the text, both from 1; without those of functions that have changed."""
    stale: list[tuple[str, int]] = field(default_factory=list)
    """Functions that have changed: name, and the line of the text that says so."""


def standing(file: File, text: list[str]) -> Standing:
    """Find the functions that a trace knows in a text.

    A function counts as the same where all its lines do, wherever it stands by now. A trace without source says nothing of what has changed, and its lines
    are taken as they are.

    Args:
        file: A file of a trace.
        text: The lines of the text, without line ends.
    """
    if not file.text:
        return Standing({line: line for line in file.lines if line <= len(text)})
    found = Standing()
    inside: set[int] = set()
    for function, state in _outermost(file):
        known = range(function.first, function.last + 1)
        inside.update(known)
        if state == "unseen":
            continue
        at = _at(file.text[function.first - 1 : function.last], text, function.first - 1)
        if at is None:
            found.stale.append((function.name, _head(function, text)))
        else:
            found.lines.update({line: at + 1 + place for place, line in enumerate(known)})
    for line in file.lines:  # of the module itself
        if line not in inside and (at := _at([file.code(line)], text, line - 1)) is not None:
            found.lines[line] = at + 1
    return found


def _outermost(file: File) -> list[tuple[Function, str]]:
    chosen: list[tuple[Function, str]] = []
    for function, state in file.functions:  # outer before inner
        if not any(function.first in other for other, _ in chosen):
            chosen.append((function, state))
    return chosen


def _at(block: list[str], text: list[str], near: int) -> int | None:
    """Where some lines stand in a text, from 0: in their old place, else the nearest to it."""
    wanted = [line.rstrip() for line in block]
    if not any(wanted):
        return None

    def same(at: int) -> bool:
        return at + len(wanted) <= len(text) and all(
            text[at + place].rstrip() == line for place, line in enumerate(wanted)
        )

    if same(near):
        return near
    places = [at for at, line in enumerate(text) if line.rstrip() == wanted[0] and same(at)]
    return min(places, key=lambda at: abs(at - near), default=None)


def _head(function: Function, text: list[str]) -> int:
    """The line of a text that a function of this name begins at, else the first one."""
    name = f"def {function.name.rpartition('.')[2]}("
    places = [number for number, line in enumerate(text, 1) if line.lstrip().removeprefix("async ").startswith(name)]
    return min(places, key=lambda number: abs(number - function.first), default=1)
