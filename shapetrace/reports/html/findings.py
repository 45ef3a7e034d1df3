"""What the page says about one finding, as plain data for the template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from shapetrace.facts import operators
from shapetrace.reports import changes, wording
from shapetrace.reports.changes import Row
from shapetrace.reports.html.excerpts import Excerpt, Span, excerpts
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import Catalog
from shapetrace.trace import Cause, Finding, Site, Tensor, Trace


@dataclass(frozen=True)
class Link:
    """One step of the way from the input axis to where it went wrong."""

    kind: str
    """`root`, `read`, `step` or `sink`."""
    expression: str
    value: str = ""
    symbolic: str = ""
    place: str = ""


@dataclass(frozen=True)
class Reading:
    """A tensor one of whose dims was read as an int, as the page's data has it."""

    conversion: int
    tensor: int
    axis: int
    name: str


@dataclass(frozen=True)
class FindingView:
    """A finding, ready to be shown. All text is fit to be looked at, none of it is escaped."""

    index: int
    """Which of the trace's findings it is."""
    id: str
    rule: str
    severity: str
    message: str
    count: int
    conversion: int
    about: str
    """Which conversion of several it is about; empty where there is one only."""
    place: str
    excerpts: list[Excerpt]
    way: list[Link]
    way_title: str
    cause: str
    notes: list[str]
    fix_says: str
    fix_advice: str
    fix_changes: list[tuple[str, tuple[Row, ...]]]
    """Each with its place."""
    remedies: list[str]
    layers: list[tuple[str, int]]
    readings: list[Reading]


def view(trace: Trace, index: int, catalog: Catalog, command: str = "") -> FindingView:
    """Prepare one finding for the page.

    Args:
        trace: The trace.
        index: Which of its findings.
        catalog: The language to say it in.
        command: What stood after `shapetrace run`, to suggest the next command with.
    """
    finding = trace.findings[index]
    fix = finding.fix
    return FindingView(
        index=index,
        id=f"finding-{index + 1}",
        rule=short(finding.rule),
        severity=finding.severity,
        message=short(catalog.say(finding.said)),
        count=finding.count,
        conversion=finding.conversion,
        about=wording.conversion(trace, finding),
        place=place(finding.sink or finding.source),
        excerpts=excerpts(trace, _spans(finding, catalog.gettext)),
        way=_way(finding, catalog.gettext),
        way_title=_way_title(finding, catalog.gettext),
        cause=_cause(finding.cause, catalog.gettext),
        notes=[short(catalog.say(note)) for note in finding.remarks],
        fix_says=short(catalog.say(fix.said), 400) if fix else "",
        fix_advice=catalog.gettext(changes.advice(fix)) if fix and changes.advice(fix) else "",
        fix_changes=[(_at(change.file, change.line), change.rows) for change in changes.of_fix(trace, fix)]
        if fix
        else [],
        remedies=[wording.next_run(name, visible(command)) for name in finding.remedies],
        layers=[(short(layer), n) for layer, n in Counter(finding.layers).items()],
        readings=_readings(trace, finding),
    )


def place(site: Site | None) -> str:
    """`file.py:12`, with the last part of the path only."""
    return _at(site.file, site.line) if site else ""


def _at(file: str, line: int) -> str:
    return f"{short(relative(file).rsplit('/', 1)[-1])}:{line}"


def _spans(finding: Finding, gettext: Callable[[str], str]) -> list[Span]:
    spans: list[Span] = []
    if finding.sink:
        spans.append(Span(finding.sink, short(_done(finding, gettext)), primary=True))
    if finding.source and finding.source != finding.sink:
        roots = ", ".join(short(root.symbol) for root in finding.roots)
        label = _happened(finding, gettext) + (gettext(" ({roots})").format(roots=roots) if roots else "")
        spans.append(Span(finding.source, label, primary=not finding.sink))
    if finding.cause:
        seen = {(span.site.file, span.site.line) for span in spans}
        secondary = (
            (finding.cause.wrapped, gettext("wrapped here")),
            (finding.cause.site, gettext("called here")),
            (finding.cause.defined, gettext("defined here")),
        )
        for site, label in secondary:
            if site and (site.file, site.line) not in seen:
                seen.add((site.file, site.line))
                spans.append(Span(site, label))
    return spans


def _happened(finding: Finding, gettext: Callable[[str], str]) -> str:
    """What happened at the source."""
    return {
        "made": gettext("made here"),
        "spec": gettext("made here"),
        "parameters": gettext("the parameters stand here"),
        "used": gettext("used here"),
        "called": gettext("called here"),
        "lost": gettext("lost here"),
        "read as a tensor": gettext("read here, as a tensor"),
        "read": gettext("read here as a Python int"),
    }[wording.at_source(finding)]


def _done(finding: Finding, gettext: Callable[[str], str]) -> str:
    """What the sink got, in one phrase: `reshape: shape[0] = -8 instead of 8*B`."""
    sink = finding.sink
    assert sink is not None
    argument = sink.argument + (f"[{sink.index}]" if sink.index is not None else "")
    value = "" if finding.python_value is None else f"{argument} = {finding.python_value}".lstrip(" =")
    truth = (
        " " + gettext("instead of {symbolic}").format(symbolic=finding.symbolic) if finding.symbolic and value else ""
    )
    between = " " if sink.op in operators.SIGNS.values() else ": "
    return between.join(part for part in (sink.op, (value or argument) + truth) if part)


def _way_title(finding: Finding, gettext: Callable[[str], str]) -> str:
    if finding.chain and not finding.in_turn:
        return gettext("What comes together here")
    return gettext("How the number came about")


def _way(finding: Finding, gettext: Callable[[str], str]) -> list[Link]:
    way = [
        Link("root", short(f"{root.input}[{root.axis}]" if root.input else root.symbol), symbolic=short(root.symbol))
        for root in finding.roots
    ]
    if finding.source and not finding.chain:
        way.append(Link("read", short(finding.source.code), place=place(finding.source)))
    for number, step in enumerate(finding.chain):
        kind, value, symbolic = "step" if number else "read", str(step.value), short(step.symbolic)
        if not finding.leaked:
            kind, value, symbolic = "part", "", short(step.shown)
        way.append(Link(kind, short(step.expression), value, symbolic, place(step.site)))
    if finding.sink:
        way.append(Link("sink", short(_done(finding, gettext)), place=place(finding.sink)))
    return way


def _cause(cause: Cause | None, gettext: Callable[[str], str]) -> str:
    if cause is None:
        return ""
    name = short(cause.callable)
    if cause.kind == "getattr":
        return gettext(
            "Paddle rewrote {callable}, but sees only .shape: read in any other way, as by getattr, an unknown dim is the int -1."
        ).format(callable=name)
    sentence = gettext("Paddle ran {callable} without rewriting it, because {reason}.")
    first = sentence.format(callable=name, reason=wording.reason(cause))
    return first + gettext(" In such code an unknown dim is the int -1.")


def _readings(trace: Trace, finding: Finding) -> list[Reading]:
    """The tensors whose dims the finding goes back to, each dim once."""
    found = {
        Reading(dim.conversion, dim.tensor, dim.axis, _name(trace, dim.conversion, dim.tensor)): None
        for dim in (trace.dims[read] for read in finding.reads)
        if dim.tensor >= 0 and dim.conversion >= 0
    }
    return list(found)[:20]


def _name(trace: Trace, conversion: int, tensor: int) -> str:
    return short(Tensor(trace.conversions[conversion], tensor).name, 60)
