"""Centres the text of a picture whatever font it is shown in.

graphviz-pure knows no fonts. It takes the widths of Helvetica, and says where each text begins; shown in a wider font, text that was to be centred
stands to the right of it. Here such text is told its middle instead.
"""

from __future__ import annotations

import html
import re

_GROUP = re.compile(r'<g id="[^"]*" class="(\w+)"')
_TEXT = re.compile(r'text-anchor="start" x="([-\d.]+)"(.*?font-size="([\d.]+)".*?>)([^<]*)</text>')
_CENTRED = frozenset({"graph", "node"})
"""Groups of an SVG whose labels are centred: those of clusters begin at the left, those of edges beside their line."""
_COURIER = 600
_FIRST, _UNKNOWN = 32, 556

_PLAIN = tuple(map(int, ["278", "278", "355", "556", "556", "889", "667", "191", "333", "333", "389", "584", "278", "333", "278", "278", "556", "556", "556", "556", "556", "556", "556", "556", "556", "556", "278", "278", "584", "584", "584", "556", "1015", "667", "667", "722", "722", "667", "611", "778", "722", "278", "500", "667", "556", "833", "722", "778", "667", "778", "722", "667", "611", "722", "667", "944", "667", "667", "611", "278", "278", "278", "469", "556", "333", "556", "556", "500", "556", "556", "278", "556", "556", "222", "222", "500", "222", "833", "556", "556", "556", "556", "333", "500", "278", "556", "500", "722", "500", "500", "500", "334", "260", "334", "584"]))  # fmt: skip
"""Widths of the characters of Helvetica from the space on, in thousandths of its size, from Adobe's font metrics."""
_BOLD = tuple(map(int, ["278", "333", "474", "556", "556", "889", "722", "238", "333", "333", "389", "584", "278", "333", "278", "278", "556", "556", "556", "556", "556", "556", "556", "556", "556", "556", "333", "333", "584", "584", "584", "611", "975", "722", "722", "722", "722", "667", "611", "778", "722", "278", "556", "722", "611", "833", "722", "778", "667", "778", "722", "667", "611", "722", "667", "944", "667", "667", "611", "333", "278", "333", "584", "556", "333", "556", "611", "556", "611", "556", "333", "611", "611", "278", "278", "556", "278", "889", "611", "611", "611", "611", "389", "556", "333", "611", "556", "778", "556", "556", "500", "389", "280", "389", "584"]))  # fmt: skip


def centred(svg: str) -> str:
    """A picture of graphviz-pure's with its centred text centred."""
    kind, lines = "", []
    for line in svg.split("\n"):
        group = _GROUP.search(line)
        kind = group.group(1) if group is not None else kind
        lines.append(_TEXT.sub(_by_its_middle, line) if kind in _CENTRED else line)
    return "\n".join(lines)


def _by_its_middle(text: re.Match[str]) -> str:
    begin, attributes, size, content = text.groups()
    middle = float(begin) + width(html.unescape(content), float(size), attributes) / 2
    return f'text-anchor="middle" x="{middle:.2f}"{attributes}{content}</text>'


def width(text: str, size: float, attributes: str = "") -> float:
    """The width of a text in Helvetica, or in Courier or bold where the attributes of its element say so."""
    if "Courier" in attributes:
        return _COURIER * len(text) * size / 1000
    widths = _BOLD if "bold" in attributes else _PLAIN
    return (
        sum(widths[place] if 0 <= (place := ord(each) - _FIRST) < len(widths) else _UNKNOWN for each in text)
        * size
        / 1000
    )
