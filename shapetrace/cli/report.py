"""`shapetrace report`: any report of a saved trace."""

from __future__ import annotations

import os
import sys

import click

from shapetrace.cli import options, outputs
from shapetrace.cli.judging import Judging, judged
from shapetrace.errors import UsageError
from shapetrace.opened import load
from shapetrace.reports.translations import worded
from shapetrace.said import said

_EXAMPLES = """\b
Examples:
  shapetrace report out.trace
  shapetrace report out.trace -o report.html
  shapetrace report --open out.trace
  shapetrace report --format sarif out.trace > out.sarif
"""


@click.command(short_help="Make a report of a trace.", epilog=_EXAMPLES)
@click.argument("trace")
@click.option(
    "--format",
    "format_name",
    metavar="FORMAT",
    help="text (the default), html, markdown, json, sarif, github, junit, svg, png, pdf or dot; endings such as md will do.",
)
@click.option("-o", "--output", metavar="PATH", help="Write it there; without --format, the ending is the format.")
@click.option(
    "--open",
    "shown",
    is_flag=True,
    help="Open the report in a browser; without -o it is written beside the trace, as HTML.",
)
@judged
@options.all_findings
@options.lang
@options.color
def command(
    *,
    trace: str,
    format_name: str | None,
    output: str | None,
    shown: bool,
    judging: Judging,
    everything: bool,
    lang: str | None,
    color: bool | None,
) -> int:
    """Make a report of the file TRACE, which `shapetrace run --trace` or `Trace.save` wrote.

    It is printed unless -o says where to write it.
    """
    from shapetrace import reports

    lang = lang or judging.settings.lang
    if shown and output is None:
        output = f"{os.path.splitext(trace)[0]}.html"
    if output is not None and format_name is None:
        reports.format_of(output)  # before a big trace is read
    loaded = load(trace)
    judging.suppress([loaded])
    written = [path for path in (judging.written, output) if path is not None]
    if output is not None:
        reports.write(loaded, output, format_name, lang=lang)
    if written:
        outputs.say(sys.stderr, worded("wrote {}", ", ".join(written)))
    if output is not None:
        if shown:
            outputs.show(sys.stderr, output)
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
        raise UsageError(said("{} is no text for a terminal: say where to write it with -o PATH", format_name))
    else:
        sys.stdout.buffer.write(content)
    sys.stdout.flush()
    return 0
