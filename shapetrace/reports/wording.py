"""The sentences that several reports say about a finding, so that they all say the same, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from shapetrace.reports.printable import relative, short
from shapetrace.reports.translations import current, worded
from shapetrace.trace import SEVERITIES, Applied, Cause, Finding, Repaired, Severity, Trace

SourceKind = Literal["made", "spec", "parameters", "used", "called", "lost", "read as a tensor", "read"]

_OF_SPECS: dict[str, SourceKind] = {
    "ST501": "spec",
    "ST804": "made",
    "ST806": "made",
    "ST901": "parameters",
    "ST902": "parameters",
    "ST903": "called",
    "ST904": "used",
    "ST905": "spec",
    "ST906": "parameters",
}
_DEFINES = ("def ", "async def ")
"""How the head of a function begins."""
_SAID: dict[SourceKind, str] = {
    "made": "made here",
    "spec": "the spec that took effect is made here",
    "parameters": "the parameters stand here",
    "used": "used here",
    "called": "the shapes are those of this call",
}

_REASONS = {
    "partial": "it is called through a functools.partial",
    "lambda": "it is a lambda",
    "generator": "it is a generator function",
    "not_to_static": "it is marked not_to_static",
    "ignored-module": "its module is listed in paddle.jit.ignore_module",
    "not-global": "it is not found among the globals of its module, as for a closure or an undisguised wrapper",
    "no-source": "its source cannot be read",
    "c-callable": "it is called from C code",
    "python": "Python itself calls it, so the conversion never sees the call",
    "paddle": "Paddle's own code calls it, which is never rewritten",
    "paddle-api": "it is Paddle's own code, which is never rewritten",
}

SYMBOLIC_DIMS = "symbolic-dims"
"""The remedy that `--heal` stands for."""


def reason(cause: Cause) -> str:
    """Why the callable of `cause` ran without being rewritten, as a clause: `it is a lambda`."""
    known = _REASONS.get(cause.kind)
    return current().gettext(known) if known is not None else worded("it was skipped ({})", short(cause.kind))


def why(finding: Finding) -> str:
    """One or two sentences on the cause; empty where the finding has none."""
    cause = finding.cause
    if cause is None:
        return ""
    if cause.kind == "getattr":
        return worded(
            "Paddle rewrote `{}`, but sees only `.shape`: read in any other way, as by `getattr`, an unknown dim is the int -1.",
            short(cause.callable),
        )
    first = worded("Paddle ran `{}` without rewriting it, because {}.", short(cause.callable), reason(cause))
    return first + _became(finding)


def _became(finding: Finding) -> str:
    if not finding.expression or finding.python_value is None:
        return worded(" In such code an unknown dim is the int -1.")
    expression, value, meant = short(finding.expression), short(str(finding.python_value)), short(finding.symbolic)
    if not meant or meant == value:
        return worded(" In such code an unknown dim is the int -1, so `{}` became {}.", expression, value)
    return worded(
        " In such code an unknown dim is the int -1, so `{}` became {} instead of `{}`.", expression, value, meant
    )


def roots(finding: Finding) -> str:
    """The input axes the dim comes from, such as `image[0] (B)`; empty where it has none."""
    names = []
    for root in finding.roots:
        place = f"{root.input}[{root.axis}]" if root.input is not None and root.axis is not None else ""
        if not place:
            names.append(worded("{} (known only when the model runs)", short(root.symbol)))
        else:
            names.append(short(place) if root.symbol == place else f"{short(place)} ({short(root.symbol)})")
    return ", ".join(names)


def remedies(finding: Finding) -> str:
    """What the remedies of `finding` do, in one sentence; empty where there are none."""
    names = [short(name, 60) for name in finding.remedies]
    if len(names) < 2:
        return "".join(worded("{} repairs the export and leaves your source as it is", name) for name in names)
    return worded("each of {} repairs the export and leaves your source as it is", _listed(names))


_FEW = 5
"""Changes of a remedy that are listed without being asked for."""


def remedied(trace: Trace, *, all: bool = False) -> list[tuple[str, str]]:
    """What came of the remedies of a watch: a heading and a sentence for each line of it.

    Args:
        trace: The trace.
        all: Say also what each remedy changed.
    """
    lines = [("repaired", repair(applied.name, each)) for applied in trace.remedies for each in applied.repaired]
    groups: dict[str, list[str]] = {}
    some = bool(lines)
    for applied in trace.remedies:
        groups.setdefault(_came_of(applied, some), []).append(short(applied.name, 60))
    for came, names in groups.items():
        was = (
            worded("{} was applied, and taken back", names[0])
            if len(names) == 1
            else worded("{} were applied, and taken back", _listed(names))
        )
        lines.append(("remedy", f"{was}{came}"))
    if trace.remedies and all_unneeded(trace):
        lines.append(("repaired", current().gettext("nothing needed repair")))
    wrong = any(not verified.ok for verified in trace.verified)  # then it matters what the remedies changed
    lines += [
        ("changed", f"{short(applied.name, 60)} {short(', '.join(applied.changes), 4000)}")
        for applied in trace.remedies
        if applied.changes and (all or (wrong and len(applied.changes) <= _FEW))
    ]
    return lines


def repair(remedy: str, repaired: Repaired) -> str:
    """Which finding a remedy repaired: `ST101 at utils.py:163 (rtdetrv2)`."""
    rule, name, site = short(repaired.rule), short(remedy, 60), repaired.site
    if site is None:
        return f"{rule} ({name})"
    return worded("{} at {} ({})", rule, f"{short(relative(site.file).rsplit('/', 1)[-1])}:{site.line}", name)


def all_unneeded(trace: Trace) -> bool:
    """Whether no remedy that was applied had anything to repair."""
    return all(applied.outcome == "unneeded" for applied in trace.remedies)


def _came_of(applied: Applied, some: bool) -> str:
    """The end of a sentence on a remedy; `some`: whether any remedy is known to have repaired something."""
    if applied.outcome == "unneeded":
        return worded(": nothing was left for it to repair") if some else ""
    return worded(": what is wrong here is still wrong with it") if applied.outcome == "in-vain" else ""


def _listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return worded("{} and {}", worded(", ").join(names[:-1]), names[-1]) if len(names) > 1 else "".join(names)


def next_run(remedy: str, command: str) -> str:
    """The command that was run, with a remedy; `command` is what stood after `shapetrace run`, if that is known."""
    return f"shapetrace run {flag(remedy)} {command or 'SCRIPT'}"


def flag(remedy: str) -> str:
    """The option of `shapetrace run` that applies `remedy`."""
    return "--heal" if remedy == SYMBOLIC_DIMS else f"--remedy {short(remedy)}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the gravest first, else in the order they were made."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


NOUNS = (*SEVERITIES, "conversion", "finding", "op", "more layer", "file", "node")
"""What is counted. The plural takes an s."""


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {current().ngettext(noun, f'{noun}s', number)}"


def tally(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity, the gravest first."""
    counts: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def summary(trace: Trace) -> str:
    """One line on the whole trace: `2 errors, 1 warning in 1 conversion of 991 ops, Paddle 3.3.1`."""
    counts = tally(trace.findings)
    found = worded(", ").join(counted(number, severity) for severity, number in counts.items() if number) or worded(
        "no findings"
    )
    found += suppressed(trace)
    if not trace.conversions:
        return worded("{}: no conversion was seen", found)
    ops = sum(len(conversion.ops) for conversion in trace.conversions)
    paddle = worded(", Paddle {}", short(trace.paddle)) if trace.paddle else ""
    return worded("{} in {} of {}{}", found, counted(len(trace.conversions), "conversion"), counted(ops, "op"), paddle)


def suppressed(trace: Trace) -> str:
    """How many findings are not told, and why: ` (3 suppressed: 1 by comments, 2 by the baseline)`; empty where all are told."""
    if not trace.suppressed:
        return ""
    hidden = {
        "comment": worded("by comments"),
        "choice": worded("by select, ignore or exclude"),
        "baseline": worded("by the baseline"),
    }
    parts = [f"{number:,} {hidden.get(by, short(by, 40))}" for by, number in trace.suppressed.items()]
    return worded(" ({} suppressed: {})", f"{sum(trace.suppressed.values()):,}", worded(", ").join(parts))


def conversion(trace: Trace, finding: Finding) -> str:
    """Which conversion a finding is about, `2 of 3, forward (net.py:12)`; empty where there is one only.

    Args:
        trace: The trace.
        finding: The finding.
    """
    if len(trace.conversions) < 2 or not 0 <= finding.conversion < len(trace.conversions):
        return ""
    found = trace.conversions[finding.conversion]
    site = found.site_of_function
    place = f" ({short(relative(site.file))}:{site.line})" if site is not None else ""
    return worded("{} of {}, {}{}", finding.conversion + 1, len(trace.conversions), short(found.function), place)


def at_source(finding: Finding) -> SourceKind:
    """What happened at the source of `finding`: something was made there, a dim was lost, or one was read."""
    if finding.rule in ("ST701", "ST702"):
        return "made"
    if finding.rule.startswith(("ST6", "ST7")):
        return "read as a tensor"
    if finding.rule == "ST904" and finding.source is not None and finding.source.code.lstrip().startswith(_DEFINES):
        return "parameters"
    if finding.rule in _OF_SPECS:
        return _OF_SPECS[finding.rule]
    return "lost" if finding.rule == "ST504" else "read"


def source_label(finding: Finding) -> str:
    """What happened at the source of `finding`, as the label of its line."""
    kind = at_source(finding)
    if kind in _SAID:
        return worded(_SAID[kind])
    origin = roots(finding)
    if not origin:
        return worded("the dim is lost here") if kind == "lost" else worded("the dim is read here")
    if kind == "lost":
        return worded("{} are lost here", origin) if len(finding.roots) > 1 else worded("{} is lost here", origin)
    return worded("{} are read here", origin) if len(finding.roots) > 1 else worded("{} is read here", origin)


def sizes(trace: Trace) -> str:
    """Which axes of the exports take some sizes only, in one sentence; empty where all take every size, or it is not known."""
    from shapetrace.sizes import summary

    told = dict.fromkeys(
        worded("{} takes {}", short(axis.place, 60), short(current().say(axis.said), 200))
        for found in summary.of_trace(trace, reasons=False).values()
        for axis in summary.limited(found)
        if not axis.undecided
    )
    return worded("{} (derived, not run; `shapetrace sizes` says why)", "; ".join(told)) if told else ""
