"""The lists of comprehensions that a function runs itself, as all do since Python 3.12 (PEP 709).

Before that a comprehension was a function of its own, whose result is seen when it returns. Now its list is on the stack of the frame, which
nothing shows, until it is done. It is found once it is made: it is the youngest empty list that the garbage collector knows.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from types import FrameType
from typing import Any

from shapetrace.capture.source.stands import stands_for
from shapetrace.dim import AnyDim

_YOUNG = (0, 1)
"""Generations of the garbage collector: a collection may have come in between."""


class InnerLists:
    """The lists that one frame collects in."""

    def __init__(self) -> None:
        self._making: tuple[int, ast.expr] | None = None
        self._lists: dict[int, list[Any]] = {}  # by the id of a comprehension, whose tree is kept by others
        self._coming: list[tuple[list[Any], int, AnyDim]] = []

    def begin(self, frame: FrameType, node: ast.expr) -> None:
        """The instruction that `frame` is at makes the list of a comprehension."""
        self._making = frame.f_lasti, node

    def append(self, node: ast.expr, stand: AnyDim) -> None:
        """The next element of a comprehension is what `stand` stands for."""
        collected = self._lists.get(id(node))
        if collected is not None:
            self._coming.append((collected, len(collected), stand))

    def settled(self, frame: FrameType) -> Iterator[tuple[list[Any], int, AnyDim]]:
        """The elements that have come, each with its list and its place there; before the next instruction of `frame`."""
        if self._making is not None and self._making[0] != frame.f_lasti:
            (_, node), self._making = self._making, None
            made = _youngest()
            if made is not None:
                self._lists[id(node)] = made
        waiting, self._coming = self._coming, []
        for result, place, stand in waiting:
            if len(result) <= place:
                self._coming.append((result, place, stand))
            elif stands_for(result[place], stand):
                yield result, place, stand


def _youngest() -> list[Any] | None:
    """The empty list that was made last."""
    for generation in _YOUNG:
        for item in reversed(gc.get_objects(generation)):
            if type(item) is list and not item:
                return item
    return None
