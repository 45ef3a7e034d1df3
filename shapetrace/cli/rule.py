"""`shapetrace rule`: the rules, or one explained."""

from __future__ import annotations

import sys

import click

from shapetrace.cli import options, plugin_problems
from shapetrace.reports.translations import current

_EXAMPLES = """\b
Examples:
  shapetrace rule
  shapetrace rule ST101
"""


@click.command(short_help="List the rules, or explain one.", epilog=_EXAMPLES)
@click.argument("code", required=False)
@options.lang
@options.color
def command(*, code: str | None, lang: str | None, color: bool | None) -> None:
    """List the rules, or explain the one called CODE: what happens, an example, how to fix it, when it is fine."""
    from rich.cells import set_cell_size
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    from shapetrace import rules

    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    if code is None:
        for rule in rules.all_rules():
            severity = set_cell_size(current().gettext(rule.severity), 8)
            title = rules.title(rule, current().language)
            console.print(Text.assemble((rule.code, "bold"), f"  {severity} {title}"), soft_wrap=True)
        plugin_problems.tell()
        return
    page = rules.page(rules.get(code), current().language)
    if console.is_terminal:
        console.print(Markdown(page))
    else:
        click.echo(page)
