"""`shapetrace rule`: the rules, or one explained."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from shapetrace.cli import options, plugin_problems
from shapetrace.errors import UsageError
from shapetrace.reports.translations import current
from shapetrace.said import said

if TYPE_CHECKING:
    from rich.console import Console

    from shapetrace.plugin import Rule

_EXAMPLES = """\b
Examples:
  shapetrace rule
  shapetrace rule ST101
  shapetrace rule --all --json
"""
_VERSION = 1
"""Version of the JSON form. It counts up when something is renamed or taken away, not when it is added."""


@click.command(short_help="List the rules, or explain one.", epilog=_EXAMPLES)
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="Explain all rules.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, with the page of each rule and its address."
)
@options.lang
@options.color
def command(*, code: str | None, every: bool, as_json: bool, lang: str | None, color: bool | None) -> None:
    """List the rules, or explain the one called CODE: what happens, an example, how to fix it, when it is fine."""
    from rich.console import Console

    from shapetrace import rules

    if code is not None and every:
        raise UsageError(said("--all is for all rules: leave {} out", code))
    chosen = rules.all_rules() if code is None else [rules.get(code)]
    if as_json:
        _print_json(chosen)
        return
    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    if code is None and not every:
        _list(console, chosen)
        plugin_problems.tell()
        return
    for rule in chosen:
        _explain(console, rule)


def _list(console: Console, chosen: Sequence[Rule]) -> None:
    from rich.cells import set_cell_size
    from rich.text import Text

    from shapetrace import rules

    for rule in chosen:
        severity = set_cell_size(current().gettext(rule.severity), 8)
        title = rules.title(rule, current().language)
        console.print(Text.assemble((rule.code, "bold"), f"  {severity} {title}"), soft_wrap=True)


def _explain(console: Console, rule: Rule) -> None:
    from rich.markdown import Markdown

    from shapetrace import rules
    from shapetrace.rules import address

    page, url = rules.page(rule, current().language), address.of(rule, current().language)
    if url:
        page = f"{page.rstrip()}\n\n<{url}>\n"
    if console.is_terminal:
        console.print(Markdown(page))
    else:
        click.echo(page)


def _print_json(chosen: Sequence[Rule]) -> None:
    from shapetrace.reports import json_report

    click.echo(json_report.encode({"version": _VERSION, "rules": [_plain(rule) for rule in chosen]}), nl=False)


def _plain(rule: Rule) -> dict[str, Any]:
    from shapetrace import rules
    from shapetrace.rules import address

    language = current().language
    return {
        "code": rule.code,
        "severity": rule.severity,
        "title": rules.title(rule, language),
        "page": rules.page(rule, language),
        "url": address.of(rule, language) or None,
    }
