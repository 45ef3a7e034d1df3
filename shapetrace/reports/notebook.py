"""What a notebook shows: a trace or a finding as a small piece of HTML without a script, and pictures of graphs."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from shapetrace.reports import html as page
from shapetrace.reports import text
from shapetrace.reports.html.pictures import uri
from shapetrace.reports.palette import PALETTES, Theme
from shapetrace.reports.printable import short
from shapetrace.reports.wording import counted
from shapetrace.trace import Finding, Trace

if TYPE_CHECKING:
    import networkx

MOST = 10
"""Findings of a trace that are shown; the others are counted."""

Bundle = dict[str, str]


def trace(trace: Trace) -> Bundle:
    """A trace in each form that a notebook may ask for, by media type: its summary, and its gravest findings."""
    return {
        "text/plain": text.render(trace, all=False).rstrip("\n"),
        "text/html": page.fragment(trace, "notebook.html", most=MOST),
    }


def finding(finding: Finding) -> Bundle:
    """The same of one finding. Without its trace, the code it quotes is that of its sites."""
    finding = msgspec.structs.replace(finding, reads=(), skips=(), uses=(), ops=())
    alone = Trace(findings=[finding])
    return {
        "text/plain": text.block(alone, finding).rstrip("\n"),
        "text/html": page.fragment(alone, "notebook.html", most=1),
    }


class Picture:
    """A picture that a notebook shows, light or dark as the notebook is.

    Args:
        draw: Draws it: `draw(format=..., theme=...)`, as the functions of `reports.drawing` do once they know the rest.
        name: What it shows, for those who cannot see it.
    """

    def __init__(self, draw: Callable[..., str | bytes], name: str) -> None:
        self.draw = draw
        self.name = name

    def __repr__(self) -> str:
        return f"<Picture of {short(self.name)}>"

    def svg(self, theme: Theme = "light") -> str:
        """The picture as SVG."""
        drawn = self.draw(format="svg", theme=theme)
        return drawn if isinstance(drawn, str) else drawn.decode("utf-8")

    def _repr_html_(self) -> str:
        """What a notebook shows. As an image nothing of a model's can run; where styles are taken out the light one is left."""
        name = html.escape(short(self.name))
        images = [
            f'<img class="{theme}" alt="{name}" src="{uri(self.svg(theme))}"{"" if theme == "light" else " hidden"}>'
            for theme in PALETTES
        ]
        return f'<div class="shapetrace"><style>{page.styles("notebook.css")}</style>{"".join(images)}</div>'


def picture(graph: networkx.DiGraph[str], name: str = "") -> Picture:
    """A provenance graph as a picture: `picture(trace.graph())`, or of a slice of it.

    Args:
        graph: Whatever `Trace.graph` or `shapetrace.graph` made. Large ones are drawn by layer.
        name: What it shows.
    """
    from shapetrace.reports import graph_drawing

    return Picture(functools.partial(graph_drawing.render, graph), name or f"a graph of {counted(len(graph), 'node')}")


def way(trace: Trace, tensor: str | int, axis: int) -> Picture:
    """The way of one dim as a picture. See `Trace.why`."""
    from shapetrace.reports import drawing

    return Picture(functools.partial(drawing.why, trace, tensor, axis), f"the way of axis {axis} of {tensor}")


def way_of(trace: Trace, finding: Finding) -> Picture:
    """The way of the number of a finding as a picture."""
    from shapetrace.reports import drawing

    return Picture(functools.partial(drawing.finding, trace, finding), f"{finding.rule}: {finding.message}")
