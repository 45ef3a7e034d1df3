"""`shapetrace doctor`: what can be known before an export is tried."""

from __future__ import annotations

import sys

import click

from shapetrace.cli import options

FOUND = 3
"""Exit code where a line is an error."""


@click.command(short_help="Check versions, and a model before its export.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@options.color
def command(*, as_json: bool, color: bool | None) -> int:
    """Check."""
    from shapetrace.doctor import environment, table

    lines = environment.lines()
    if as_json:
        click.echo(table.as_json(lines))
    else:
        table.show(lines, sys.stdout, color=color)
    return FOUND if any(line.level == "error" for line in lines) else 0
