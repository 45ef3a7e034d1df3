"""A script that is ended from outside, by a limit or by SIGTERM: that is raised in it, so that the report still comes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT_CODE = 124
"""The exit code of a script that a limit has ended, as that of timeout(1)."""
_INTERVAL = 0.2  # seconds between two looks
_AGAIN = 5.0  # seconds until it is asked to end once more, where the script went on all the same
_STATM = Path("/proc/self/statm")


class Ended(BaseException):
    """Ends a script. No `except Exception` of the script's catches it."""


class TimeLimit(Ended):
    """It has taken longer than `--timeout`."""


class MemoryLimit(Ended):
    """It has more memory than `--memory`."""


class Terminated(Ended):
    """It got SIGTERM."""


@contextmanager
def limited(timeout: float | None, memory: float | None, end: Callable[[type[Ended], int], None]) -> Iterator[None]:
    """End what runs in here, in this thread, at a limit.

    Args:
        timeout: Seconds; None for any time.
        memory: GB of memory in use (resident); None for any.
        end: Has an exception of a class raised in the thread of a number.
    """
    if timeout is None and memory is None:
        yield
        return
    over = threading.Event()

    def look(thread: int) -> None:
        spent = 0.0
        while not over.wait(_INTERVAL):
            spent += _INTERVAL
            if timeout is not None and spent >= timeout:
                end(TimeLimit, thread)
                over.wait(_AGAIN)
            elif memory is not None and _resident() > memory * 1e9:
                end(MemoryLimit, thread)
                over.wait(_AGAIN)

    threading.Thread(target=look, args=(threading.get_ident(),), name="shapetrace limits", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _resident() -> int:
    """Bytes of memory that this process has in use."""
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
