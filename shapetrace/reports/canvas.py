"""What graphviz needs to know: text into labels, styles into attributes, and who draws on this machine."""

from __future__ import annotations

import html
import itertools
import math
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from shapetrace.errors import UsageError
from shapetrace.reports import breaking, centring
from shapetrace.reports.palette import PALETTES, Theme
from shapetrace.reports.printable import path, short
from shapetrace.reports.translations import current
from shapetrace.said import Sentence, joined, said

if TYPE_CHECKING:
    import graphviz

_WIDEST = 46  # cells of a line: a character of Chinese takes two
_LONGEST = 300  # characters of a line before wrapping; the middle of a longer one is left out
_NOT_XML = re.compile("[\ufffe\uffff]")
_SHAPES = {
    "input": "invhouse",
    "tensor": "box",
    "plain": "box",
    "dim": "hexagon",
    "expression": "component",
    "guilty": "octagon",
    "turned": "octagon",
    "marked": "box",
}
_NARROW = frozenset("iljI.,:;|!'()[] ftr-/`")
_WIDE = frozenset("mwMW@%→…—")
_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
_FORMATS = ("svg", "png", "pdf", "dot")


class Line(NamedTuple):
    """One line of a label; long ones are wrapped."""

    text: str
    style: Literal["bold", "plain", "small", "code"] = "plain"


class Canvas:
    """A picture in the making: nodes with lines of text, edges with a label, groups of nodes with a caption.

    Args:
        theme: `light` or `dark`.
        title: The lines above the picture.

    Raises:
        UsageError: There is no such theme.
    """

    def __init__(self, theme: Theme, title: Sequence[Line]) -> None:
        import graphviz

        if theme not in PALETTES:
            raise UsageError(said("there is no theme {}: use light or dark", repr(theme)))
        self.colours = PALETTES[theme]
        self.graph: graphviz.Digraph = graphviz.Digraph(
            "shapetrace",
            graph_attr={
                "bgcolor": self.colours.background,
                "fontname": "Helvetica",
                "fontcolor": self.colours.text,
                "label": self._label(title, 15, width=_WIDEST * 3 // 2),
                "labelloc": "t",
                "pad": "0.3",
                "nodesep": "0.35",
                "ranksep": "0.4",
            },
            node_attr={
                "fontname": "Helvetica",
                "fontcolor": self.colours.text,
                "style": "filled",
                "margin": "0.16,0.1",
            },
            edge_attr={"fontname": "Helvetica", "fontsize": "12", "arrowsize": "0.8"},
        )
        self.groups: dict[str, tuple[list[str], list[Line], str, str]] = {}
        self.count = 0

    def group(self, name: str, caption: Sequence[Line], parent: str = "", side: Literal["t", "b"] = "t") -> str:
        """Open a group, inside another one if `parent` names it, its caption at the top or the bottom. Returns its name."""
        self.groups[name] = ([], list(caption), parent, side)
        return name

    def node(self, style: str, lines: Sequence[Line], group: str = "") -> str:
        """Add a node, and return its name. The style is a kind of node, which has its shape and colours."""
        name = f"n{self.count}"
        self.count += 1
        colours = self.colours
        line, fill = {
            "input": (colours.healthy, colours.healthy_fill),
            "tensor": (colours.healthy, colours.healthy_fill),
            "dim": (colours.python, colours.python_fill),
            "expression": (colours.python, colours.python_fill),
            "guilty": (colours.guilty, colours.guilty_fill),
            "turned": (colours.guilty, colours.guilty_fill),
            "marked": (colours.guilty, colours.guilty_fill),
        }.get(style, (colours.line, colours.plain))
        self.graph.node(
            name,
            label=self._label(lines, 13),
            shape=_SHAPES[style],
            color=line,
            fillcolor=fill,
            penwidth="3" if line == colours.guilty else "1.5",
            style="rounded,filled" if style == "tensor" else "filled",
        )
        if group:
            self.groups[group][0].append(name)
        return name

    def edge(self, source: str, target: str, label: str, style: Literal["healthy", "guilty", "plain"]) -> None:
        """Add an edge."""
        colours = self.colours
        colour = {"healthy": colours.healthy, "guilty": colours.guilty}.get(style, colours.line)
        rows = []
        for part in wrapped(label):
            escaped = html.escape(_NOT_XML.sub("\ufffd", part))
            written = f"<B>{escaped}</B>" if style == "guilty" else escaped
            wide = room(f"  {part}", 12, "bold" if style == "guilty" else "plain")
            # The line itself would hide a leading minus.
            rows.append(f'<TR><TD ALIGN="LEFT" WIDTH="{wide}">&#160;&#160;{written}</TD></TR>')
        self.graph.edge(
            source,
            target,
            label=f"<{_TABLE}{''.join(rows)}</TABLE>>" if rows else "",
            color=colour,
            fontcolor=colours.muted if style == "plain" else colour,
            penwidth={"guilty": "3.5", "healthy": "2"}.get(style, "1"),
        )

    def rendered(self, format: str) -> str | bytes:
        """The finished picture: text for `svg` and `dot`, bytes for `png` and `pdf`.

        Raises:
            UsageError: There is no such format, or nothing on this machine can make it.
        """
        if format not in _FORMATS:
            raise UsageError(said("there is no picture format {}: use one of {}", repr(format), ", ".join(_FORMATS)))
        self._close_groups("", self.graph)
        if format == "dot":
            return str(self.graph.source)
        if format == "png":
            self.graph.graph_attr["dpi"] = "110"
        drawn = _draw(str(self.graph.source), format)
        if format != "svg":
            return drawn
        return centring.centred(drawn.decode("utf-8"))

    def _close_groups(self, parent: str, graph: graphviz.Digraph) -> None:
        for name, (nodes, caption, above, side) in self.groups.items():
            if above != parent:
                continue
            with graph.subgraph(name=f"cluster_{name}") as cluster:
                cluster.attr(
                    label=self._label(caption, 12, "LEFT", _WIDEST * 3 // 4),
                    style="dashed,rounded",
                    color=self.colours.python,
                    fontcolor=self.colours.text,
                    labeljust="l",
                    labelloc=side,
                    margin="14",
                )
                for node in nodes:
                    cluster.node(node)
                self._close_groups(name, cluster)

    def _label(self, lines: Sequence[Line], size: int, align: str = "CENTER", width: int = _WIDEST) -> str:
        """Lines as a label in graphviz' HTML-like form: a table, whose rows keep small and large lines apart."""
        rows = []
        for line in lines:
            points = size - 2 if line.style == "small" else size
            colour = self.colours.muted if line.style == "small" else self.colours.text
            face = ' FACE="Courier"' if line.style == "code" else ""
            for part in wrapped(line.text, width):
                escaped = html.escape(_NOT_XML.sub("\ufffd", part)).replace("  ", "&#160; ")
                written = f"<B>{escaped}</B>" if line.style == "bold" else escaped
                font = f'<FONT POINT-SIZE="{points}" COLOR="{colour}"{face}>{written}</FONT>'
                rows.append(f'<TR><TD ALIGN="{align}" WIDTH="{room(part, points, line.style)}">{font}</TD></TR>')
        return f"<{_TABLE}{''.join(rows)}</TABLE>>" if rows else ""


def room(text: str, points: int, style: str) -> int:
    """The width that a text takes at the most, in points.

    Who lays a picture out takes the widths of Helvetica, and who shows it may have another font, which can be a fifth wider. So each text gets the room
    that it takes in DejaVu Sans or Verdana, the widest that stand in for it.
    """
    if style == "code":
        return math.ceil(0.62 * points * _cells(text))
    ems = sum(_em(character) for character in text)
    return math.ceil(points * ems * (1.12 if style == "bold" else 1.0))


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _em(character: str) -> float:
    """The width of a character over the size of the font."""
    if _cells(character) == 2:
        return 1.0
    if character in _NARROW:
        return 0.42
    if character in _WIDE:
        return 1.0
    return 0.78 if character.isupper() else 0.64


def wrapped(text: str, width: int = _WIDEST) -> list[str]:
    """Text made harmless and cut into lines of a legible length, counted in cells; nothing for nothing."""
    text = short(text, _LONGEST)
    begins = breaking.starts(text, width)
    lines = (text[start:end].strip() for start, end in itertools.pairwise([*begins, len(text)]))
    return [line for line in lines if line]


def place(file: str, line: int | str) -> str:
    """A place in the code, short enough for a picture: `utils.py:158`."""
    return f"{path(file).name}:{line}"


def renderer(format: str) -> str | None:
    """The program that draws: `dot` where there is one, else `graphviz-pure` from PyPI, which makes no PDF."""
    program = shutil.which("dot")
    if program is None and format != "pdf":
        beside = os.pathsep.join((os.environ.get("PATH", ""), os.path.dirname(sys.executable)))
        program = shutil.which("graphviz-pure", path=beside)
    return program


def missing(format: str) -> Sentence:
    """What is to be installed before this machine can draw in a format; empty where it can."""
    if format == "dot":
        return ""
    if renderer(format) is not None:
        return _wants_a_font() if current().language == "zh" and not _has_fonts(format) else ""
    ways = (
        "`apt install graphviz`",
        "`brew install graphviz`",
        *(() if format == "pdf" else ("`pip install graphviz-pure`",)),
    )
    return said("drawing {} needs Graphviz: {}", format, joined("{}, or {}", (", ".join(ways[:2]), *ways[2:])))


def _has_fonts(format: str) -> bool:
    """Whether Chinese can be drawn: what is asked for has the fonts of who shows it, or `dot` those of this machine."""
    return format != "png" or shutil.which("dot") is not None


def _wants_a_font() -> Sentence:
    return said("graphviz-pure has no font for Chinese: write SVG in place of PNG, or install Graphviz")


def _draw(source: str, format: str) -> bytes:
    program = renderer(format)
    if program is None:
        raise UsageError(missing(format))
    if not _has_fonts(format) and _cells(source) > len(source):
        raise UsageError(_wants_a_font())
    done = subprocess.run([program, f"-T{format}"], input=source.encode("utf-8"), capture_output=True, check=False)
    if done.returncode != 0 or not done.stdout:
        printed = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(
            said(
                "{} could not draw the picture: {}",
                os.path.basename(program),
                printed[0] if printed else said("no output"),
            )
        )
    return done.stdout
