"""Reads Python source files as Python reads them, and knows them again by their digest."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import tokenize
import warnings
from pathlib import Path
from typing import NamedTuple

in_memory: dict[str, str] = {}
"""By real path, texts that run in place of what is in files. The digests stay those of the files."""


class SourceFile(NamedTuple):
    """A source file as it is on the disk."""

    text: str
    """With its line ends as they are."""
    encoding: str
    digest: str
    """SHA-256 of its bytes."""


def read(path: str) -> SourceFile:
    """Read a source file.

    Raises:
        OSError: It cannot be read.
        SyntaxError: Its encoding is unknown, or its bytes do not follow it.
    """
    content = Path(path).read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SyntaxError(f"{path} is not written in {encoding}: {error.reason}") from None
    text = in_memory.get(os.path.realpath(path), text)
    return SourceFile(text, encoding, hashlib.sha256(content).hexdigest())


def tree(text: str) -> ast.Module | None:
    """The syntax tree of a source text; None for what is no Python, or nested too deeply for it. Nothing is warned of: it is not ours to tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def encoded(text: str, file: SourceFile) -> bytes:
    """A text as the bytes of that file, which may begin with a byte order mark (`utf-8-sig`).

    Raises:
        UnicodeEncodeError: The file's encoding cannot hold it.
    """
    return text.encode(file.encoding)
