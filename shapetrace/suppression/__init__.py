"""Findings that are not told: nobody asked for their rule or their file, a comment stands on their line, or a baseline knows them.

Each function takes findings out of a trace and counts them in `Trace.suppressed`, so that a report says how many are missing.
"""

from __future__ import annotations

from collections.abc import Callable

from shapetrace.suppression.baseline import Baseline
from shapetrace.suppression.choice import Choice, codes
from shapetrace.suppression.comments import ignored, unknown
from shapetrace.trace import Finding, Trace

__all__ = ["Baseline", "Choice", "by_comments", "codes", "suppress"]


def by_comments(trace: Trace) -> None:
    """Take out what a comment `# shapetrace: ignore[ST503]` is about; a note tells of one that names no rule."""
    trace.remarks += [note for note in unknown(trace) if note not in trace.remarks]
    suppress(trace, "comment", lambda finding: ignored(trace, finding))


def suppress(trace: Trace, by: str, hides: Callable[[Finding], bool]) -> None:
    """Take out the findings that something hides.

    Args:
        trace: The trace.
        by: What they are counted under: `comment`, `choice` or `baseline`.
        hides: Whether it hides a finding; asked once for each.
    """
    kept = [finding for finding in trace.findings if not hides(finding)]
    gone = len(trace.findings) - len(kept)
    trace.findings = kept
    if gone:
        trace.suppressed[by] = trace.suppressed.get(by, 0) + gone
