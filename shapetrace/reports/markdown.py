"""Markdown to paste into an issue or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.reports import text, wording
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import current, worded
from shapetrace.sizes import Because, Sizes
from shapetrace.trace import Conversion, Finding, Trace

_FEW = 3  # reasons of an axis
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~@:&])")


def render(trace: Trace, *, root: str | None = None) -> str:
    """The findings of `trace` as GitHub-flavoured Markdown, each with its excerpt and its chain.

    Args:
        trace: The trace.
        root: Directory the paths are shown relative to; the current one when None.
    """
    parts = [f"# {worded('shapetrace report')}", worded("{}.", _escaped(wording.summary(trace)))]
    parts += [_finding(trace, finding, root) for finding in wording.ordered(trace.findings)]
    parts += _sizes(trace, root)
    parts += [f"> {_escaped(short(current().say(note), 400))}" for note in trace.remarks]
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
        if finding.leaked:
            rows = [worded("| expression | value seen | meant | at |"), "| --- | --- | --- | --- |"]
        else:
            rows = [worded("| expression | what it is | at |"), "| --- | --- | --- |"]
        for step in finding.chain:
            place = f"{relative(step.site.file, root)}:{step.site.line}" if step.site else ""
            held = (str(step.value), short(step.symbolic)) if finding.leaked else (short(step.shown),)
            cells = (short(step.expression), *held, place)
            rows.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def _sizes(trace: Trace, root: str | None) -> list[str]:
    """Which sizes the exports take, a table each; none where every unknown axis takes every size."""
    from shapetrace.sizes import summary

    return [
        part for found in summary.of_trace(trace).values() if summary.telling(found) for part in _taken(found, root)
    ]


def _taken(found: Sizes, root: str | None) -> Iterator[str]:
    yield f"## {worded('Sizes that {} takes', _escaped(short(found.function)))}"
    rows = [worded("| axis | takes | because |"), "| --- | --- | --- |"]
    for axis in found.axes:
        if not axis.fixed_by_spec:
            told = [_because(each, root) for each in (*axis.because[:_FEW], *axis.undecided[:_FEW])]
            told += [_escaped(short(current().say(remark), 400)) for remark in axis.remarks]
            taken = _escaped(short(current().say(axis.said)))
            rows.append(f"| {_cell(short(axis.place))} | {taken} | {'<br>'.join(told)} |")
    yield "\n".join(rows)
    known = {because for axis in found.axes for because in axis.because}
    together = [each for each in found.together if each not in known]
    beside = [_escaped(short(current().say(line))) for line in found.said_equal]
    beside += [worded("together: {}", _because(each, root)) for each in together[:_FEW]]
    if beside:
        yield "\n".join(f"- {line}" for line in beside)


def _because(because: Because, root: str | None) -> str:
    """An op that leaves an axis fewer sizes, for a cell."""
    site = because.site
    place = f", {_escaped(relative(site.file, root))}:{site.line}" if site is not None else ""
    return _escaped(short(current().say(because.said), 400)) + place


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
