"""What older Paddles do in another way than 3.3, so that tests of it have nothing to test there.

`UNLIKE` is the one place: a test that it names is skipped on these versions with its reason, and nothing that is asserted on 3.3
is asserted more weakly. `SHAPETRACE_RUN_UNLIKE=1` runs them all the same, and then one that passes is a failure.
"""

from __future__ import annotations

import importlib.metadata


def installed() -> str:
    """The version of the installed Paddle; empty without one."""
    for name in ("paddlepaddle", "paddlepaddle-gpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


PADDLE = installed()
