"""`shapetrace diff`: what changed between two traces."""

from __future__ import annotations

import click

from shapetrace.cli import options
from shapetrace.opened import load

_EXAMPLES = """\b
Examples:
  shapetrace diff before.trace after.trace
"""


@click.command(short_help="Compare two traces.", epilog=_EXAMPLES)
@options.lang
@click.argument("before")
@click.argument("after")
def command(*, before: str, after: str, lang: str | None) -> None:
    """Compare the traces BEFORE and AFTER: which findings, ops and symbolic shapes changed.

    Two files of the same model, say before and after a repair, or under two versions of Paddle.
    """
    from shapetrace import diff
    from shapetrace.reports.printable import visible
    from shapetrace.reports.translations import current

    click.echo(visible(diff.text(diff.diff(load(before), load(after)), current().say), lines=True), nl=False)
