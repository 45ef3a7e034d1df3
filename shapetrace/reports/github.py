"""Workflow commands that make GitHub Actions show each finding beside the line it is about."""

from __future__ import annotations

from shapetrace.reports import wording
from shapetrace.reports.printable import relative, visible
from shapetrace.reports.translations import current
from shapetrace.trace import Finding, Trace

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(trace: Trace, *, root: str | None = None) -> str:
    """One `::error file=…` line a finding.

    Args:
        trace: The trace.
        root: Top of the repository, which GitHub's paths are relative to; the current directory when None.
    """
    return "".join(_annotation(finding, root) + "\n" for finding in wording.ordered(trace.findings))


def _annotation(finding: Finding, root: str | None) -> str:
    properties = {"title": f"shapetrace {finding.rule}"}
    site = finding.sink or finding.source
    if site is not None:
        properties["file"] = relative(site.file, root)
        properties["line"] = str(site.line)
        properties["endLine"] = str(max(site.end_line, site.line))
        if site.end_line in (0, site.line) and site.end_column:  # GitHub takes columns only within one line
            properties["col"] = str(site.column + 1)
            properties["endColumn"] = str(site.end_column)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(
        part for part in (current().say(finding.said), wording.why(finding), wording.remedies(finding)) if part
    )
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """Escaped as the Actions runner unescapes a command's message."""
    return visible(text, lines=True).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as the Actions runner unescapes a command's properties."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
