"""Centres the text of a picture whatever font it is shown in.

Graphviz says where each text begins, by the widths of the fonts it knows; graphviz-pure knows those of Helvetica. Shown in a font of other widths, or in
Chinese, text that was to be centred stands beside the middle. Here such text is told its middle instead: that of the box it stands in.
"""

from __future__ import annotations

import re

_GROUP = re.compile(r'<g id="[^"]*" class="(\w+)"')
_BOX = re.compile(r'<(?:polygon|path)\b.* (?:points|d)="([^"]+)"')
_X = re.compile(r"(-?[\d.]+),-?[\d.]+")
_TEXT = re.compile(r'text-anchor="start" x="[-\d.]+"')
_CENTRED = frozenset({"graph", "node"})
"""Groups of an SVG whose labels are centred: those of clusters begin at the left, those of edges beside their line."""


def centred(svg: str) -> str:
    """A picture of Graphviz' with its centred text centred."""
    kind, middle, lines = "", "", []
    for line in svg.split("\n"):
        if (group := _GROUP.search(line)) is not None:
            kind, middle = group.group(1), ""
        elif kind in _CENTRED and not middle and (box := _BOX.search(line)) is not None:
            middle = _middle(box.group(1))
        elif middle:
            line = _TEXT.sub(f'text-anchor="middle" x="{middle}"', line)
        lines.append(line)
    return "\n".join(lines)


def _middle(points: str) -> str:
    across = [float(x) for x in _X.findall(points)]
    return f"{(min(across) + max(across)) / 2:.2f}"
