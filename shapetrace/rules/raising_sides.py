"""A `raise`, or a `sys.exit()`, in an `if` that became part of the program: both of its sides are converted, so that it always runs."""

from __future__ import annotations

import re
from typing import NamedTuple

from shapetrace.trace import ControlFlow, Failure, Site, Trace

_LEAVING = re.compile(r"raise\b|(sys\.exit|exit|quit)\(")
"""Statements that are written for the one side, and end the conversion."""


class Raising(NamedTuple):
    """A statement that ended the conversion of an `if`, and was to run for some sizes or values only."""

    flow: ControlFlow
    statement: Site


def at(trace: Trace, conversion: int, failure: Failure) -> Raising | None:
    """The `raise` that ended a conversion because the `if` around it is converted; None where that is not so.

    Args:
        trace: The trace.
        conversion: Index of the conversion.
        failure: What it ended with.
    """
    stack = [trace.sites[index] for index in failure.stack]
    if not stack or not _LEAVING.match(stack[-1].code):
        return None
    flows = [flow for flow in trace.control_flow if flow.conversion == conversion and flow.site >= 0]
    inside = [flow for flow in flows if flow.kind == "if" and flow.ended == "inside" and _around(trace, flow, stack)]
    return Raising(inside[-1], stack[-1]) if inside else None


def _around(trace: Trace, flow: ControlFlow, stack: list[Site]) -> bool:
    """Whether one of the user's frames was within an `if`."""
    head = trace.sites[flow.site]
    return any(site.file == head.file and head.line <= site.line <= max(flow.last_line, head.line) for site in stack)
