"""What the installed versions are known to do wrong where an export is served, told before anything is converted."""

from __future__ import annotations

from typing import Literal

from shapetrace.doctor import versions
from shapetrace.doctor.lines import Line
from shapetrace.facts import known_clashes
from shapetrace.facts.known_clashes import Clash


def lines() -> list[Line]:
    """A line for each that the installed versions have."""
    return [
        Line(_level(each), each.where, each.says, each.do, each.threads) for each in known_clashes.KNOWN if _here(each)
    ]


def _level(known: Clash) -> Literal["warning", "note"]:
    """Whoever has installed the converter is going to convert; Paddle Inference comes with Paddle."""
    return "warning" if known.where == "Paddle2ONNX" else "note"


def _here(known: Clash) -> bool:
    """Whether the versions tell of it, and are the ones."""
    if not known.versions_tell:
        return False
    found = next((version for each in versions.PADDLE if (version := versions.installed(each)) is not None), None)
    if found is None or not versions.within(found, *known.paddle):
        return False
    converter = versions.installed("paddle2onnx")
    return known.where != "Paddle2ONNX" or (converter is not None and versions.within(converter, *known.converter))
