"""The way of a dim as text: a step a line with its place, and one line for all ops that only pass it on."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.text import Text

from shapetrace.graph import WhyStep
from shapetrace.graph.why import shown
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import current, worded
from shapetrace.trace import Site

_FEW = 2
"""Ops in a row that pass a dim on and are shown all the same: a line in place of them saves nothing."""

Sources = Mapping[str, Mapping[int, str]]


def render(steps: Sequence[WhyStep], sources: Sources, *, all: bool = False, hint: str = "") -> str:
    """A way as plain text.

    Args:
        steps: The way, as `shapetrace.graph.why` gives it.
        sources: File to line number to text, of the trace.
        all: Show every step.
        hint: What to say of steps that are left out.
    """
    return "".join(f"{line.plain.rstrip()}\n" for line in lines(steps, sources, all=all, hint=hint))


def lines(steps: Sequence[WhyStep], sources: Sources, *, all: bool = False, hint: str = "") -> list[Text]:
    """The lines of a way, with their colours. See `render`."""
    result: list[Text] = []
    number = 0
    for end in range(len(steps)) if all else _told(steps):
        if end > number:
            result.append(Text(f"     {_passed(steps[number:end])}{hint}", "dim"))
        result += _step(steps[end], end + 1, sources)
        number = end + 1
    return result


def _told(steps: Sequence[WhyStep]) -> list[int]:
    """The steps to show: all but those between that only pass the dim on."""
    last = len(steps) - 1
    joined = {index for number, step in enumerate(steps) if step.via != (number + 1,) for index in step.via}
    ends = {0, last, *joined} if steps else set()
    shown = [
        index
        for index, step in enumerate(steps)
        if index in ends or step.via != (index + 1,) or step.note or step.symbolic != steps[index + 1].symbolic
    ]
    few = [
        index
        for before, after in itertools.pairwise(shown)
        if after - before - 1 <= _FEW
        for index in range(before + 1, after)
    ]
    return sorted({*shown, *few})


def _passed(steps: Sequence[WhyStep]) -> str:
    kinds = Counter(short(step.op.partition(".")[2] or step.op, 40) for step in steps)
    named = [f"{name} ×{number}" if number > 1 else name for name, number in kinds.most_common(4)]
    shown = f"{', '.join(named)}{', …' if len(kinds) > 4 else ''}"
    return worded("… {} ops that pass it on: {}", len(steps), shown)


def _step(step: WhyStep, number: int, sources: Sources) -> list[Text]:
    tensor = f"{step.tensor.name} {shown(step.tensor)}"
    place = worded("element {} of {}", step.axis, tensor) if step.held else worded("axis {} of {}", step.axis, tensor)
    head = Text.assemble(
        f"{number:>3}  ", (short(step.symbolic), "bold"), f"  {short(place)}", (f"  {short(step.op)}", "cyan")
    )
    details = [_place(step.site, sources)] if step.site else []
    if step.note:
        details.append(Text(short(current().say(step.remark)), "yellow"))
    if step.via and step.via != (number,):
        details.append(Text(worded("comes from steps {}", ", ".join(str(index + 1) for index in step.via))))
    return [head, *(Text("     ") + detail for detail in details)]


def _place(site: Site, sources: Sources) -> Text:
    code = sources.get(site.file, {}).get(site.line, site.code).strip()
    return Text(f"{visible(relative(site.file))}:{site.line}" + (f"  {short(code, 100)}" if code else ""))
