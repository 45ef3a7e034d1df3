"""Markdown to paste into an issue or a pull request."""

from __future__ import annotations

import re

from shapetrace.reports import text, wording
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import current, worded
from shapetrace.trace import Conversion, Finding, Trace

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~@:&])")


def render(trace: Trace, *, root: str | None = None) -> str:
    """The findings of `trace` as GitHub-flavoured Markdown, each with its excerpt and its chain.

    Args:
        trace: The trace.
        root: Directory the paths are shown relative to; the current one when None.
    """
    parts = [f"# {worded('shapetrace report')}", worded("{}.", _escaped(wording.summary(trace)))]
    parts += [_finding(trace, finding, root) for finding in wording.ordered(trace.findings)]
    parts += [f"> {_escaped(short(current().say(note), 400))}" for note in trace.notes]
    parts.append(_environment(trace))
    return "\n\n".join(parts) + "\n"


def _finding(trace: Trace, finding: Finding, root: str | None) -> str:
    parts = [
        f"## {current().gettext(finding.severity)} {_escaped(finding.rule)}"
        + worded(": {}", _escaped(short(current().say(finding.said), 400)))
    ]
    parts.append(_fenced(text.block(trace, finding, root=root)))
    if origin := wording.roots(finding):
        parts.append(worded("The dim comes from {}.", _code(origin)))
    if finding.chain:
        rows = [worded("| expression | value seen | meant | at |"), "| --- | --- | --- | --- |"]
        for step in finding.chain:
            place = f"{relative(step.site.file, root)}:{step.site.line}" if step.site else ""
            cells = (short(step.expression), str(step.value), short(step.symbolic), place)
            rows.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def _environment(trace: Trace) -> str:
    rows = [f"shapetrace {trace.shapetrace}, Paddle {trace.paddle}, Python {trace.python}"]
    rows += [_inputs(conversion) for conversion in trace.conversions]
    rows += [f"{text.heading(name)}{sentence}" for name, sentence in wording.remedied(trace)]
    rows += [worded("fixed in memory: {}", current().say(fix.said)) for fix in trace.fixed]
    rows += [verified.lines[0] for verified in trace.verified]
    listed = "\n".join(f"- {_escaped(short(row))}" for row in rows)
    return f"<details><summary>{worded('Environment')}</summary>\n\n{listed}\n\n</details>"


def _inputs(conversion: Conversion) -> str:
    given = ", ".join(f"{one.name} {list(one.shape)} {one.dtype}".rstrip() for one in conversion.inputs)
    return f"{conversion.function}: {given or worded('no inputs')}"


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(value))


def _longest_run(value: str) -> int:
    return max((len(run) for run in re.findall("`+", value)), default=0)


def _code(value: str) -> str:
    """`value` as inline code, whatever backticks it holds."""
    if not value:
        return ""
    fence = "`" * (_longest_run(value) + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{fence}{pad}{visible(value)}{pad}{fence}"


def _cell(value: str) -> str:
    return _code(value).replace("|", "\\|")


def _fenced(value: str) -> str:
    fence = "`" * max(_longest_run(value) + 1, 3)
    return f"{fence}text\n{visible(value.rstrip(), lines=True)}\n{fence}"
