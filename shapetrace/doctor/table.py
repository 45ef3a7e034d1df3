"""Prints lines as one table, or gives them as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shapetrace.doctor.lines import Level, Line
from shapetrace.reports import wording
from shapetrace.reports.printable import short, visible
from shapetrace.reports.translations import current, worded

FORMAT_VERSION = 1
_WIDTH = 100  # where the output is no terminal
_WIDEST = 120
_STYLES = {"ok": "green", "note": "bold cyan", "warning": "bold yellow", "error": "bold red"}


_SUBJECTS = {
    "Paddle itself": "Paddle itself",
    "callables": "callables",
    "config": "config",
    "drawing": "drawing",
    "engines": "engines",
    "inputs": "inputs",
    "loops": "loops",
    "script": "script",
    "versions": "versions",
}
"""The subjects of lines that are words, and no names."""


def show(lines: Sequence[Line], file: TextIO, *, color: bool | None = None) -> None:
    """Print the table, and a summary below it.

    Args:
        lines: The lines, in order.
        file: Where to.
        color: True or False to say so; None to find out.
    """
    console = Console(file=file, force_terminal=color, no_color=color is False, highlight=False)
    console.width = min(console.width, _WIDEST) if console.is_terminal else _WIDTH
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("")
    table.add_column(worded("what"), no_wrap=True)
    table.add_column(worded("seen, and what to do"), overflow="fold")
    for line in lines:
        cell = Text(short(current().say(line.seen), 2000))
        if line.do:
            cell.append_text(Text.assemble("\n", (worded("do: "), "bold"), (visible(current().say(line.do)), "green")))
        for thread in line.threads:
            cell.append_text(Text(f"\n{thread}", "dim"))
        table.add_row(Text(_level(line.level), _STYLES[line.level]), visible(subject(line.subject)), cell)
    with console.capture() as captured:
        console.print(table)
        console.print()
        console.print(Text(f"shapetrace: {summary(lines)}", "bold"), soft_wrap=True)
    file.write("".join(f"{row.rstrip()}\n" for row in captured.get().splitlines()))


def subject(name: str) -> str:
    """What was looked at, in the language that is spoken."""
    return worded(_SUBJECTS[name]) if name in _SUBJECTS else name


def _level(name: Level) -> str:
    return worded("ok") if name == "ok" else current().gettext(name)


def summary(lines: Sequence[Line]) -> str:
    """`1 error, 2 warnings, 3 notes`; `nothing to do` where there are none of the first two."""
    counts = {level: sum(line.level == level for line in lines) for level in ("error", "warning", "note")}
    counted = worded(", ").join(wording.counted(count, level) for level, count in counts.items() if count)
    if counts["error"] or counts["warning"]:
        return counted
    return worded("nothing to do ({})", counted) if counted else worded("nothing to do")


def as_json(lines: Sequence[Line]) -> str:
    """One object: `{"version": 1, "ok": …, "lines": [{"level": …, "subject": …, "seen": …, "do": …, "threads": […]}]}`."""
    return json.dumps(
        {
            "version": FORMAT_VERSION,
            "ok": all(line.level != "error" for line in lines),
            "lines": [
                {
                    "level": line.level,
                    "subject": line.subject,
                    "seen": str(line.seen),
                    "do": str(line.do),
                    "threads": list(line.threads),
                }
                for line in lines
            ],
        },
        indent=2,
    )
