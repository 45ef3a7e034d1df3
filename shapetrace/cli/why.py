"""`shapetrace why`: the way of one dim back to its input axis."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from shapetrace.cli import options
from shapetrace.opened import load
from shapetrace.trace import Site

if TYPE_CHECKING:
    from rich.text import Text

    from shapetrace.graph import WhyStep


@click.command(short_help="Follow one dim back to its input.", context_settings={"ignore_unknown_options": True})
@click.argument("trace")
@click.argument("tensor")
@click.argument("axis", type=int)
@options.color
def command(*, trace: str, tensor: str, axis: int, color: bool | None) -> None:
    """Follow one dim of a tensor back to the input axis or constant it comes from.

    TRACE is the file, TENSOR a name as in the reports (`image`, `%12`), AXIS counts from 0, or from the end below 0.
    """
    from rich.console import Console

    from shapetrace import graph

    loaded = load(trace)
    steps = graph.why(loaded, tensor, axis)
    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    for number, step in enumerate(steps, 1):
        follows = [index + 1 for index in step.via]
        if not follows or follows == [number + 1]:
            follows = []
        for line in _lines(step, number, follows, loaded.sources):
            line.rstrip()
            console.print(line, soft_wrap=True)


def _lines(step: WhyStep, number: int, follows: list[int], sources: dict[str, dict[int, str]]) -> list[Text]:
    from rich.text import Text

    from shapetrace.graph.why import shown
    from shapetrace.reports.printable import short

    place = f"{'element' if step.held else 'axis'} {step.axis} of {step.tensor.name} {shown(step.tensor)}"
    lines = [
        Text.assemble(
            f"{number:>3}  ", (short(step.symbolic), "bold"), f"  {short(place)}", (f"  {short(step.op)}", "cyan")
        )
    ]
    details = [_place(step.site, sources)] if step.site else []
    if step.note:
        details.append(Text(short(step.note), "yellow"))
    if follows:
        details.append(Text(f"comes from steps {', '.join(map(str, follows))}"))
    return [*lines, *(Text("     ") + detail for detail in details)]


def _place(site: Site, sources: dict[str, dict[int, str]]) -> Text:
    from rich.text import Text

    from shapetrace.reports.printable import relative, short, visible

    code = sources.get(site.file, {}).get(site.line, site.code).strip()
    return Text(f"{visible(relative(site.file))}:{site.line}" + (f"  {short(code, 100)}" if code else ""))
