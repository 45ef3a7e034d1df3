"""Does a piece of work in a forked process, whose output goes nowhere.

What the work prints, changes, hangs in or dies of is no business of the user's process.
"""

from __future__ import annotations

import os
import select
import signal
import warnings
from collections.abc import Callable


def possible() -> bool:
    """Whether this system can fork."""
    return hasattr(os, "fork")


def forked(work: Callable[[], bytes], seconds: float) -> bytes:
    """What `work` returns in a forked process.

    Args:
        work: Must not return nothing.
        seconds: How long to wait for it.

    Returns:
        Its bytes; none where it raised, died, or took too long.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that other threads run, which is why the child does little
        child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _mute()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(work())
        finally:
            os._exit(0)
    os.close(writing)
    try:
        return _read(reading, seconds)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _mute() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _read(reading: int, seconds: float) -> bytes:
    """All that comes through a pipe until it is closed; nothing if that takes too long."""
    content = b""
    while select.select([reading], [], [], seconds)[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            return content
        content += part
    return b""
