"""Runs pieces of work each in a forked process of its own, with limits, and prints what they return as JSON lines.

A fork costs a tenth of importing Paddle anew, and a conversion that kills its process takes no other with it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import traceback
from collections.abc import Callable
from typing import Any

SECONDS = 60
MEMORY = 6 << 30  # bytes


def run(name: str, work: Callable[[], dict[str, Any]]) -> None:
    """Print `work()` with its name, or how the process died. What it raised is on stderr."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        code = 1
        try:
            print(json.dumps({"name": name, **work()}), flush=True)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status:
        print(json.dumps({"name": name, "died": status}), flush=True)
