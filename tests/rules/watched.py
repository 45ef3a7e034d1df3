"""Runs `watch_twin.py` and hands over what it printed."""

from __future__ import annotations

import json
from typing import Any

from subprocess_run import ROOT, run_python


def watched(name: str, twin: str) -> dict[str, Any]:
    """What a watch saw of a twin of `models/NAME.py`."""
    done = run_python(["-W", "ignore", ROOT / "tests" / "rules" / "watch_twin.py", name, twin])
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def only_finding(name: str) -> dict[str, Any]:
    """The one finding of a broken twin."""
    seen = watched(name, "broken")
    assert seen["notes"] == []
    (finding,) = seen["findings"]
    return dict(finding)
