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
        Line(_level(clash), clash.where, clash.says, clash.do, clash.threads)
        for clash in known_clashes.KNOWN
        if _here(clash)
    ]


def _level(clash: Clash) -> Literal["warning", "note"]:
    """Whoever has installed the converter is going to convert; Paddle Inference comes with Paddle."""
    return "warning" if clash.where == "Paddle2ONNX" else "note"


def _here(clash: Clash) -> bool:
    """Whether the versions tell of it, and are the ones."""
    if not clash.versions_tell:
        return False
    paddle = next(
        (version for distribution in versions.PADDLE if (version := versions.installed(distribution)) is not None), None
    )
    if paddle is None or not versions.within(paddle, *clash.paddle):
        return False
    converter = versions.installed("paddle2onnx")
    return clash.where != "Paddle2ONNX" or (converter is not None and versions.within(converter, *clash.converter))
