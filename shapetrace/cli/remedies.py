"""`shapetrace remedies`: what can repair an export, and whether its bug is present here."""

from __future__ import annotations

import importlib
import sys

import click

from shapetrace.cli import options, plugin_problems


@click.command(short_help="List the remedies, or explain one.")
@click.argument("name", required=False)
@options.color
def command(*, name: str | None, color: bool | None) -> None:
    """List the remedies, or tell of the one called NAME: whether its bug is present here, and what it repairs."""
    from rich.console import Console
    from rich.text import Text

    from shapetrace import remedies

    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    shown = remedies.all_remedies() if name is None else [remedies.get(name)]
    for remedy in shown:
        if name is not None:
            _import(remedy.requires)
        found = remedies.probe(remedy)
        console.print(Text.assemble((remedy.name, "bold"), f"  {found.state}"), soft_wrap=True)
        console.print(Text(f"    {remedy.summary}"), soft_wrap=True)
        if found.reason:
            console.print(Text(f"    {found.reason}"), soft_wrap=True)
        if name is not None:
            facts = {
                "tested with": remedy.versions,
                "needs": ", ".join(remedy.requires),
                "repairs": ", ".join(sorted(remedy.rules)),
                "causes": ", ".join(sorted(remedy.causes)),
                "apply it": f"shapetrace run --remedy {remedy.name} SCRIPT",
            }
            for fact, text in facts.items():
                if text:
                    console.print(Text(f"    {fact}: {text}"), soft_wrap=True)
    if not shown:
        click.echo("no remedies are installed")
    plugin_problems.tell()


def _import(modules: tuple[str, ...]) -> None:
    """Import what a remedy patches, where it is installed: its bug can be looked for only there."""
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            return  # the probe says that it is missing
