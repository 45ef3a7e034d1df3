"""`shapetrace report`: any report of a saved trace."""

from __future__ import annotations

import sys

import click

from shapetrace.cli import options
from shapetrace.errors import UsageError
from shapetrace.opened import load


@click.command(short_help="Make a report of a trace.")
@click.argument("trace")
@click.option(
    "--format",
    "format_name",
    metavar="FORMAT",
    help="text (the default), html, markdown, json, sarif, github, junit, svg, png, pdf or dot; endings such as md will do.",
)
@click.option("-o", "--output", metavar="PATH", help="Write it there; without --format, the ending is the format.")
@options.all_findings
@options.lang
@options.color
def command(
    *, trace: str, format_name: str | None, output: str | None, everything: bool, lang: str | None, color: bool | None
) -> int:
    """Make a report of the file TRACE, which `shapetrace run --trace` or `Trace.save` wrote.

    It is printed unless -o says where to write it.
    """
    from shapetrace import reports

    if output is not None and format_name is None:
        reports.format_of(output)  # before a big trace is read
    loaded = load(trace)
    if output is not None:
        reports.write(loaded, output, format_name, lang=lang)
        return 0
    if format_name in (None, "text"):
        from shapetrace.reports import text

        text.show(loaded, sys.stdout, all=everything, color=color)
        return 0
    assert format_name is not None
    content = reports.render(loaded, format_name, lang=lang)
    if isinstance(content, str):
        sys.stdout.write(content.encode("utf-8", "backslashreplace").decode())
    elif sys.stdout.isatty():
        raise UsageError(f"{format_name} is no text for a terminal: say where to write it with -o PATH")
    else:
        sys.stdout.buffer.write(content)
    sys.stdout.flush()
    return 0
