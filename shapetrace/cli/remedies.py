"""`shapetrace remedies`: what can repair an export, and whether its bug is present here."""

from __future__ import annotations

import importlib
import sys

import click

from shapetrace.cli import options, plugin_problems
from shapetrace.reports.translations import current, worded

_EXAMPLES = """\b
Examples:
  shapetrace remedies
  shapetrace remedies rtdetrv2
"""

_STATES = {
    "present": "present",
    "absent": "absent",
    "not-applicable": "not-applicable",
    "failed": "failed",
}
_FACTS = {
    "tested with": "tested with: {}",
    "needs": "needs: {}",
    "repairs": "repairs: {}",
    "causes": "causes: {}",
    "apply it": "apply it: {}",
}


@click.command(short_help="List the remedies, or explain one.", epilog=_EXAMPLES)
@click.argument("name", required=False)
@options.lang
@options.color
def command(*, name: str | None, lang: str | None, color: bool | None) -> None:
    """List what can repair an export, or explain the remedy NAME.

    Of each it is said whether its bug is present in what is installed here.
    """
    from rich.console import Console
    from rich.text import Text

    from shapetrace import remedies
    from shapetrace.doctor import versions

    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    with_paddle = versions.importable("paddle")
    shown = remedies.all_remedies() if name is None else [remedies.get(name)]
    for remedy in shown:
        if name is not None and with_paddle:
            _import(remedy.requires)
        found = remedies.probe(remedy) if with_paddle else None
        state = f"  {worded(_STATES[found.state])}" if found is not None else ""
        console.print(Text.assemble((remedy.name, "bold"), state), soft_wrap=True)
        console.print(Text(f"    {current().say(remedy.summary)}"), soft_wrap=True)
        if found is not None and found.reason:
            console.print(Text(f"    {current().say(found.reason)}"), soft_wrap=True)
        if name is not None:
            facts = {
                "tested with": current().say(remedy.versions),
                "needs": ", ".join(remedy.requires),
                "repairs": ", ".join(sorted(remedy.rules)),
                "causes": ", ".join(sorted(remedy.causes)),
                "apply it": f"shapetrace run --remedy {remedy.name} SCRIPT",
            }
            for fact, text in facts.items():
                if text:
                    console.print(Text(f"    {worded(_FACTS[fact], text)}"), soft_wrap=True)
    if not with_paddle:
        click.echo(
            worded(
                "Paddle is not installed, so it is not known whether their bugs are present: install shapetrace[cpu]"
            )
        )
    if not shown:
        click.echo(worded("no remedies are installed"))
    plugin_problems.tell()


def _import(modules: tuple[str, ...]) -> None:
    """Import what a remedy patches, where it is installed: its bug can be looked for only there."""
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            return  # the probe says that it is missing
