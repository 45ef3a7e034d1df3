"""Packs the content of trace files: zlib, or bz2 where zlib would crash the process.

Paddle 2's library brings a zlib of its own, and its symbols take the place of those that Python's module `zlib` was built for, if
that is loaded after Paddle: `zlib.compress` then ends the process with SIGSEGV (seen with 2.6.2; `bz2` is not touched). The
first bytes tell which of the two packed a content.
"""

from __future__ import annotations

import bz2
import sys
import zlib

_BZ2 = b"BZh"


def packed(content: bytes) -> bytes:
    """The content, packed."""
    return bz2.compress(content) if _zlib_is_paddles() else zlib.compress(content)


def unpacked(content: bytes, most: int) -> bytes:
    """What was packed.

    Args:
        content: The packed content.
        most: How many bytes it may unpack to.

    Raises:
        ValueError: It is damaged, cut short, or unpacks to more.
    """
    unpacker = bz2.BZ2Decompressor() if content.startswith(_BZ2) else zlib.decompressobj()
    try:
        unpacking = unpacker.decompress(content, most)
    except (zlib.error, OSError, EOFError) as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof:
        raise ValueError(f"it is cut short or larger than {most} bytes unpacked")
    return unpacking


def _zlib_is_paddles() -> bool:
    paddle = sys.modules.get("paddle")
    return str(getattr(paddle, "__version__", "")).startswith("2.")
