"""Makes the call stacks that Paddle formats cheaper while a watch is open.

Paddle keeps a formatted Python stack for every op, and `traceback` asks the file system for each file on it whether it has
changed since its lines were read: some twenty times an op, though hardly anybody edits a model while it is converted.
Within a watch each file is looked at once. That pays for most of what the watch costs.
"""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapetrace.capture.session import Session
    from shapetrace.patching import Transaction


def look_once(session: Session, transaction: Transaction) -> None:
    """Have `linecache.checkcache` look at each file once for as long as the transaction lasts."""
    original = linecache.checkcache
    looked: set[str] = set()

    def checkcache(filename: str | None = None) -> None:
        if filename is None:
            looked.clear()
            original()
        elif filename not in looked:
            looked.add(filename)
            original(filename)

    transaction.set(linecache, "checkcache", checkcache)
