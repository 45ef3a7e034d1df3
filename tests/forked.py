"""Runs pieces of work each in a forked process of its own, with limits, and prints what they return as JSON lines.

A fork costs a tenth of importing Paddle anew, and a conversion that kills its process takes no other with it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable
from typing import Any

SECONDS = 60
MEMORY = 6 << 30  # bytes


def run(name: str, work: Callable[[], dict[str, Any]]) -> None:
    """Print `work()` with its name, or how the process died."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        try:
            print(json.dumps({"name": name, **work()}), flush=True)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        print(json.dumps({"name": name, "died": status}), flush=True)
