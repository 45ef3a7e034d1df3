"""The pictures of the findings, as data URIs: in an image nothing of theirs can run, and both themes fit in one page."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import NamedTuple

from shapetrace.errors import UsageError
from shapetrace.trace import Trace

MOST = 8
"""Findings that are drawn; each is a run of Graphviz for each theme."""


class Pictures(NamedTuple):
    """What could be drawn.

    Attributes:
        found: Index of a finding to its pictures: theme and data URI.
        missing: Why some have none, a sentence; empty where all were drawn.
    """

    found: dict[int, list[tuple[str, str]]]
    missing: str


def pictures(trace: Trace, findings: Iterable[int]) -> Pictures:
    """Draw these findings of a trace.

    Args:
        trace: The trace.
        findings: Indices of its findings, those to draw first.
    """
    from shapetrace.reports import drawing

    found: dict[int, list[tuple[str, str]]] = {}
    wanted = [index for index in findings if drawing.has_way(trace.findings[index])]
    for index in wanted[:MOST]:
        try:
            drawn = drawing.in_both_themes(trace, trace.findings[index])
            found[index] = [(theme, uri(picture)) for theme, picture in drawn.items()]
        except UsageError as error:
            return Pictures(found, str(error))
    return Pictures(found, "")


def uri(picture: str | bytes) -> str:
    """An SVG picture as a data URI."""
    content = picture.encode("utf-8", "replace") if isinstance(picture, str) else picture
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"
