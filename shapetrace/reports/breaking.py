"""Where a line may be broken: between words, between characters of Chinese, and not in code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

_OPENING, _CLOSING = "（“", "，。；：、！？）”"
"""What does not end a line, and what does not begin one."""
_PIECE = re.compile(
    rf"\s+|[{_OPENING}]*(?:`[^`]+`|[\u2e80-\uffff]|[^\s\u2e80-\uffff`]+|`)[{_CLOSING}]*"  # code, a Han character, a word
)
_PART = re.compile(r"[^\s_.*,/]+[\s_.*,/]*|[\s_.*,/]+")
"""What a name consists of, each part with the punctuation after it."""


def pieces(text: str, width: int) -> Iterator[str]:
    """What is not to be broken: words and code, characters of Chinese, and the parts of what fits no line of so many cells."""
    for piece in _PIECE.findall(text):
        if cell_len(piece) <= width:
            yield piece
            continue
        for part in _PART.findall(piece):
            yield from _cut(part, width)


def _cut(part: str, width: int) -> Iterator[str]:
    while cell_len(part) > width:
        fits = next(length for length in range(len(part), 0, -1) if cell_len(part[:length]) <= width or length == 1)
        yield part[:fits]
        part = part[fits:]
    yield part


def starts(text: str, width: int) -> list[int]:
    """Where the lines of a text begin, if each has so many cells at the most; blanks before a break do not count."""
    found, at, taken = [0], 0, 0
    for piece in pieces(text, width):
        if taken and not piece.isspace() and taken + cell_len(piece.rstrip()) > width:
            found.append(at)
            taken = 0
        at += len(piece)
        taken += cell_len(piece)
    return found
