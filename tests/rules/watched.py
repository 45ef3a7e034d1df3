"""What a watch saw of a twin of a small model, as a report would have it."""

from __future__ import annotations

from typing import Any

from recorded_traces import of_this_run
from shapetrace.reports import json_report


def watched(name: str, twin: str) -> dict[str, Any]:
    """What a watch saw of a twin of `models/NAME.py`."""
    recorded, twin = of_this_run(), f"models.{name}:{twin}"
    trace = recorded.trace(twin)
    raised = recorded.recording(twin).raised or None
    return {
        "raised": raised,
        "findings": list(map(json_report.finding, trace.findings)),
        "notes": trace.notes,
    }


def only_finding(name: str) -> dict[str, Any]:
    """The one finding of a broken twin."""
    seen = watched(name, "broken")
    assert seen["notes"] == []
    (finding,) = seen["findings"]
    return dict(finding)
