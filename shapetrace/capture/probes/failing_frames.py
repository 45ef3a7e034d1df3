"""The frames of an exception while they still exist, and the user's expression in them."""

from __future__ import annotations

import ast
from types import FrameType, ModuleType, TracebackType
from typing import NamedTuple

from shapetrace.capture.source import expressions
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import site_of_node


class Level(NamedTuple):
    """One frame of the traceback, and the place in it that raised."""

    frame: FrameType
    place: Place


def levels(traceback: TracebackType | None) -> list[Level]:
    """All frames of a traceback, innermost first, shapetrace's own too."""
    stack = []
    while traceback is not None:
        frame = traceback.tb_frame
        stack.append(Level(frame, Place(frame.f_code, traceback.tb_lasti, traceback.tb_lineno)))
        traceback = traceback.tb_next
    stack.reverse()
    return stack


def without_owner(written: list[expressions.Operand], frame: FrameType) -> list[expressions.Operand]:
    """Without the module or layer that a function was called on."""
    if written and not written[0].keyword:
        owner = expressions.evaluate(written[0].node, frame)
        if isinstance(owner, ModuleType | type) or hasattr(owner, "sublayers"):
            return written[1:]
    return written


def code(file: str, node: ast.AST | None) -> str:
    """The source of an expression."""
    return site_of_node(file, node).code if node is not None and hasattr(node, "end_lineno") else ""
