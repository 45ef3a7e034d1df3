"""`shapetrace why`: the way of a dim back to its input axis."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from shapetrace.cli import options
from shapetrace.opened import load
from shapetrace.trace import Site

if TYPE_CHECKING:
    from rich.text import Text

    from shapetrace.graph import WhyStep

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
@options.color
def command(*, trace: str, what: str, axis: int | None, everything: bool, color: bool | None) -> None:
    """Follow a dim back to the input axis or constant that it comes from.

    TRACE is the file. WHAT is a tensor as reports name it (`image`, `%12`) with AXIS, from 0 or below 0 from the end;
    an axis (`image[0]`); or where a finding is (`decoder.py:45`) or its rule (`ST101`), for the dims that it goes back to.
    """
    from rich.console import Console
    from rich.text import Text

    from shapetrace import graph

    loaded = load(trace)
    console = Console(file=sys.stdout, force_terminal=color, no_color=color is False, highlight=False)
    for place, (tensor, found) in enumerate(graph.dims(loaded, what, axis)):
        if place:
            console.print()
        lines: list[Text] = []
        steps = graph.why(loaded, tensor, found)
        number = 0
        for end in _ends(steps, everything):
            if end > number:
                lines.append(Text(f"     {_passed(steps[number:end])}", "dim"))
            lines += _lines(steps[end], end + 1, loaded.sources)
            number = end + 1
        for line in lines:
            line.rstrip()
            console.print(line, soft_wrap=True)


_FEW = 2
"""Ops in a row that pass a dim on and are shown all the same: a line in place of them saves nothing."""


def _ends(steps: list[WhyStep], everything: bool) -> list[int]:
    """The steps to show: all but those between that only pass the dim on."""
    joined = {index for number, step in enumerate(steps) if step.via != (number + 1,) for index in step.via}
    told = [
        index == 0
        or index == len(steps) - 1
        or index in joined
        or step.via != (index + 1,)
        or bool(step.note)
        or step.symbolic != steps[index + 1].symbolic
        for index, step in enumerate(steps)
    ]
    shown = [index for index, tells in enumerate(told) if tells or everything]
    few = [
        index
        for before, after in itertools.pairwise(shown)
        if after - before - 1 <= _FEW
        for index in range(before + 1, after)
    ]
    return sorted({*shown, *few})


def _passed(steps: list[WhyStep]) -> str:
    from shapetrace.reports.printable import short

    kinds = Counter(short(step.op.partition(".")[2] or step.op, 40) for step in steps)
    named = [f"{name} ×{number}" if number > 1 else name for name, number in kinds.most_common(4)]
    return f"… {len(steps)} ops that pass it on: {', '.join(named)}{', …' if len(kinds) > 4 else ''}; --all shows them"


def _lines(step: WhyStep, number: int, sources: dict[str, dict[int, str]]) -> list[Text]:
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
    if step.via and step.via != (number,):
        details.append(Text(f"comes from steps {', '.join(str(index + 1) for index in step.via)}"))
    return [*lines, *(Text("     ") + detail for detail in details)]


def _place(site: Site, sources: dict[str, dict[int, str]]) -> Text:
    from rich.text import Text

    from shapetrace.reports.printable import relative, short, visible

    code = sources.get(site.file, {}).get(site.line, site.code).strip()
    return Text(f"{visible(relative(site.file))}:{site.line}" + (f"  {short(code, 100)}" if code else ""))
