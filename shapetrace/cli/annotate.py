"""`shapetrace annotate`: the user's source, each line with the shapes it makes."""

from __future__ import annotations

import sys

import click

from shapetrace.cli import options
from shapetrace.opened import load

_EXAMPLES = """\b
Examples:
  shapetrace annotate export.trace
  shapetrace annotate export.trace decoder.py
"""


@click.command(short_help="Show the source, each line with the shapes it makes.", epilog=_EXAMPLES)
@click.argument("trace")
@click.argument("file", required=False, default="")
@click.option("--all", "everything", is_flag=True, help="Show every line, and the files of libraries too.")
@options.lang
@options.color
def command(*, trace: str, file: str, everything: bool, lang: str | None, color: bool | None) -> None:
    """Show the source of the file TRACE, each line with the symbolic shapes it makes, and the findings that stand there.

    FILE is one of the files in it, by its path or the end of it. Shown are the functions that a conversion came by: grey is one that none
    came by, `~` one that Paddle ran without rewriting it.
    """
    from shapetrace.reports import source

    source.show(load(trace), sys.stdout, file, all=everything, color=color, lang=lang)
