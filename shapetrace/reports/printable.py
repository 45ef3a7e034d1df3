"""Makes what a user's model, paths and source lines contain safe to print, and short enough to read.

Names in a model are data: they may hold escape sequences that drive a terminal, right-to-left marks that
reorder a line, or ten thousand characters.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath, PurePosixPath, PureWindowsPath

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_INVISIBLE = (
    *range(0x80, 0xA0),  # C1 controls: some terminals take them for the start of an escape sequence
    *(0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF),
    *range(0x202A, 0x202F),  # embeddings and overrides of the text's direction
    *range(0x2066, 0x206A),
    *range(0xD800, 0xE000),  # lone surrogates, which no encoding takes
)
_TABLE = _CONTROLS | dict.fromkeys(_INVISIBLE, _REPLACEMENT)
_TABLE_KEEPING_LINES = {code: text for code, text in _TABLE.items() if code not in (0x09, 0x0A)}

_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def visible(text: str, *, lines: bool = False) -> str:
    """Replace control and direction characters by visible ones, one for one, so that columns stay.

    Args:
        text: Any text.
        lines: Keep tabs and line breaks.
    """
    return text.translate(_TABLE_KEEPING_LINES if lines else _TABLE)


def short(text: str, limit: int = 200) -> str:
    """`text` on one line, made visible, and cut in the middle when it is longer than `limit` characters."""
    text = _BREAK.sub(" ", text)
    if len(text) > limit:
        head = limit * 2 // 3
        text = f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"
    return visible(text)


def path(file: str) -> PurePath:
    """`file` as a path of the system it was recorded on, which need not be this one."""
    return PureWindowsPath(file) if _DRIVE.match(file) else PurePosixPath(file)


def relative(file: str, root: str | os.PathLike[str] | None = None) -> str:
    """`file` with forward slashes, relative to `root` where it stands below it.

    Args:
        file: A path as a trace holds it.
        root: The directory; the current one when None.
    """
    where = path(file)
    base = path(os.fspath(root) if root is not None else os.getcwd())
    try:
        return where.relative_to(base).as_posix()
    except ValueError:
        return where.as_posix()
