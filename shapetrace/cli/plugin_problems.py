"""Says which plugins, or parts of one, were left out, for the commands that list what there is."""

from __future__ import annotations

import click

from shapetrace.reports.translations import current


def tell() -> None:
    """A sentence on stderr for each."""
    from shapetrace import remedies, reports

    reports.formats()  # which finds out what is wrong with reports
    for problem in remedies.problems():
        click.echo(f"shapetrace: {' '.join(current().say(problem).split())}", err=True)
