"""The records of a sweep as tables of Markdown: what came of each model, and the causes.

    python benchmarks/sweep_table.py DIR

`docs/reference/what-sweeps-found.md` is made of these.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from shapetrace.sweep import wording
from shapetrace.sweep.folder import Folder
from shapetrace.sweep.records import Record, groups

_LONGEST = 160


def matrix(records: Sequence[Record]) -> list[str]:
    """A row a model, a column an environment and mode. Models of which all is healthy are one row."""
    columns = list(dict.fromkeys((record.environment, record.mode) for record in records))
    cells = {(record.model, record.environment, record.mode): _cell(record) for record in records}
    rows: dict[tuple[str, ...], list[str]] = {}
    for model in dict.fromkeys(record.model for record in records):
        row = tuple(cells.get((model, *column), "") for column in columns)
        rows.setdefault(row, []).append(model)
    lines = [f"| models | {' | '.join(f'{environment}, {mode}' for environment, mode in columns)} |"]
    lines.append(f"| --- |{' --- |' * len(columns)}")
    lines += [f"| {', '.join(models)} | {' | '.join(row)} |" for row, models in rows.items()]
    return lines


def causes(records: Sequence[Record]) -> list[str]:
    """A row a cause, the most frequent first."""
    lines = ["| jobs | state | cause | where |", "| --- | --- | --- | --- |"]
    for group in groups(records):
        cause = group[0].cause
        says = cause.says if cause is not None else ""
        where = f"`{cause.place.file}:{cause.place.line}`" if cause is not None and cause.place is not None else ""
        rule = f"{cause.rule} " if cause is not None and cause.rule else ""
        shown = says if len(says) <= _LONGEST else f"{says[:_LONGEST]}…"
        escaped = shown.replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
        lines.append(f"| {len(group)} | {wording.STATES[group[0].state]} | {rule}{escaped} | {where} |")
    return lines


def _cell(record: Record) -> str:
    cause = record.cause
    rule = (cause.rule or cause.signal or cause.engine) if cause is not None else ""
    return f"{wording.STATES[record.state]} {rule}".strip()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    records = Folder(parser.parse_args().folder).records()
    healthy = sum(record.state == "healthy" for record in records)
    print(f"{len(records):,} jobs, {healthy:,} healthy\n")
    print("\n".join([*matrix(records), "", *causes(records)]))


if __name__ == "__main__":
    main()
