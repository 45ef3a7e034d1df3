"""Writes what shows a whole sweep: the page, the tables, and a summary in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shapetrace.reports.printable import visible
from shapetrace.reports.translations import current, worded
from shapetrace.said import joined, said
from shapetrace.sweep import page, tables, wording
from shapetrace.sweep.folder import Folder, Listed
from shapetrace.sweep.records import STATES, Record, groups

_MOST_GROUPS = 8


def write(folder: Folder) -> str:
    """Write them, and return the summary."""
    jobs, records = folder.asked(), folder.records()
    folder.write("index.html", page.render(jobs, records).encode())
    folder.write("records.jsonl", tables.json_lines(records))
    folder.write("junit.xml", tables.junit(jobs, records))
    folder.write("records.parquet", tables.parquet(records))
    return f"{_summary(jobs, records)}\n{folder.path / 'index.html'}"


def _summary(jobs: Sequence[Listed], records: Sequence[Record]) -> str:
    counted = Counter(record.state for record in records)
    states = [said("{} {}", f"{counted[state]:,}", wording.STATES[state]) for state in STATES if counted[state]]
    if len(records) < len(jobs):
        states.append(said("{} not done", f"{len(jobs) - len(records):,}"))
    lines = [worded("{} jobs: {}", f"{len(jobs):,}", joined("{}, {}", states) if states else "")]
    causes = groups(records)
    for group in causes[:_MOST_GROUPS]:
        cause = group[0].cause
        says = current().say(cause.sentence) if cause is not None else ""
        rule = f" {cause.rule}" if cause is not None and cause.rule else ""
        state = wording.STATES[group[0].state]
        lines.append(worded("  {} × {}{}: {}", f"{len(group):,}", state, rule, says))
    if len(causes) > _MOST_GROUPS:
        lines.append(worded("  and {} causes more", f"{len(causes) - _MOST_GROUPS:,}"))
    return visible("\n".join(lines), lines=True)
