"""The colours of pictures, light and dark, told apart with every kind of colour vision (after Okabe and Ito)."""

from __future__ import annotations

from typing import Literal, NamedTuple

Theme = Literal["light", "dark"]


class Palette(NamedTuple):
    """The colours of one theme, as `#rrggbb`. Text on each fill has a contrast of 7 or more."""

    background: str
    text: str
    muted: str
    line: str
    plain: str
    """Fill of what has nothing to tell."""
    healthy: str
    """Line of a dim that still has its symbol."""
    healthy_fill: str
    python: str
    """Line of a dim that is a Python int."""
    python_fill: str
    guilty: str
    """Line of the wrong number."""
    guilty_fill: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        background="#ffffff",
        text="#1a1a1a",
        muted="#4a4f57",
        line="#7d838c",
        plain="#f4f5f7",
        healthy="#0072b2",
        healthy_fill="#e3f1fa",
        python="#9a6700",
        python_fill="#fdf1d6",
        guilty="#c43e00",
        guilty_fill="#fde4d8",
    ),
    "dark": Palette(
        background="#15181d",
        text="#f2f4f7",
        muted="#c3c9d2",
        line="#8a929e",
        plain="#22262d",
        healthy="#56b4e9",
        healthy_fill="#0f3147",
        python="#f0b93a",
        python_fill="#3d2f0a",
        guilty="#ff8a4c",
        guilty_fill="#4a1d08",
    ),
}
