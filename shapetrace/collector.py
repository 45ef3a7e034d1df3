"""Puts Python's garbage collector off while shapetrace makes many objects at once that stay.

A full collection goes through all that Paddle and the model hold. What is imported and recorded brings it on sooner, and leaves nothing for
it to find.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """No garbage collection meanwhile, unless there is none anyway."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
