"""The differences of two sweeps for people: in a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from shapetrace.reports.printable import visible
from shapetrace.reports.translations import current, worded
from shapetrace.said import Said, Sentence, joined, said
from shapetrace.sweep.comparing import Change, Kind

KINDS: dict[Kind, Said] = {
    "newly broken": said("newly broken"),
    "repaired": said("repaired"),
    "fails otherwise": said("fails otherwise"),
    "same failure in other words": said("same failure in other words"),
    "new findings": said("new findings"),
    "findings gone": said("findings gone"),
    "sizes lost": said("sizes lost"),
    "sizes gained": said("sizes gained"),
    "slower": said("slower"),
    "added": said("added"),
    "removed": said("removed"),
}

_NOTHING = said("the two sweeps differ in nothing")


def text(changes: Sequence[Change]) -> str:
    """A line or two a change, by kind."""
    if not changes:
        return f"{current().say(_NOTHING)}\n"
    lines = []
    for kind, group in _groups(changes):
        lines.append(worded("{}: {}", KINDS[kind], f"{len(group):,}"))
        for change in group:
            lines.append(f"  {_name(change)}")
            lines += [f"    - {current().say(change.before)}"] if change.before else []
            lines += [f"    + {current().say(change.after)}"] if change.after else []
    return visible("\n".join(lines), lines=True) + "\n"


def markdown(changes: Sequence[Change]) -> str:
    """A table a kind."""
    if not changes:
        return worded("**shapetrace sweep**: {}", _NOTHING) + "\n"
    counts = joined("{}, {}", [said("{} {}", len(group), KINDS[kind]) for kind, group in _groups(changes)])
    parts = [worded("**shapetrace sweep**: {}", counts)]
    for kind, group in _groups(changes):
        rows = [f"| {_cell(_name(change))} | {_cell(change.before)} | {_cell(change.after)} |" for change in group]
        title, head = current().say(KINDS[kind]), worded("| job | before | after |")
        parts.append(f"#### {title[0].upper()}{title[1:]}\n\n{head}\n| --- | --- | --- |\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _groups(changes: Sequence[Change]) -> list[tuple[Kind, list[Change]]]:
    return [(kind, list(group)) for kind, group in groupby(changes, key=lambda change: change.kind)]


def _name(change: Change) -> str:
    return f"{change.model} [{change.mode}, {change.environment}]"


def _cell(value: Sentence) -> str:
    """Text in a cell of a table: what Markdown or HTML would take for its own is escaped."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>|~#" else letter for letter in visible(current().say(value)))
    return escaped.replace("&", "&amp;")
