"""`shapetrace why`: the way of a dim back to its input axis."""

from __future__ import annotations

import sys

import click

from shapetrace.cli import options
from shapetrace.opened import load
from shapetrace.reports.translations import worded

_EXAMPLES = """\b
Examples:
  shapetrace why out.trace decoder.py:45
  shapetrace why out.trace %12 0
  shapetrace why out.trace 'image[2]'
"""


@click.command(
    short_help="Follow a dim back to its input.",
    context_settings={"ignore_unknown_options": True},
    epilog=_EXAMPLES,
)
@click.argument("trace")
@click.argument("what")
@click.argument("axis", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Show the ops that only pass the dim on, too.")
@options.lang
@options.color
def command(*, trace: str, what: str, axis: int | None, everything: bool, lang: str | None, color: bool | None) -> None:
    """Follow a dim back to the input axis or constant that it comes from.

    TRACE is the file. WHAT is a tensor as reports name it (`image`, `%12`) with AXIS, from 0 or below 0 from the end;
    an axis (`image[0]`); or where a finding is (`decoder.py:45`) or its rule (`ST101`), for the dims that it goes back to.
    """
    from rich.console import Console

    from shapetrace import graph
    from shapetrace.reports import way

    loaded = load(trace)
    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    for place, (tensor, found) in enumerate(graph.dims(loaded, what, axis)):
        if place:
            console.print()
        for line in way.lines(
            graph.why(loaded, tensor, found), loaded.sources, all=everything, hint=worded("; --all shows them")
        ):
            line.rstrip()
            console.print(line, soft_wrap=True)
