"""The registry of rules: code, title, severity, page, and the function that finds violations.

Those of plugins are known here like our own. A rule that fails costs its own findings and one sentence in the notes of
the trace.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from importlib import resources

import msgspec

from shapetrace import discovery
from shapetrace.errors import UsageError, in_words
from shapetrace.plugin import Rule
from shapetrace.rules import answers, fixes, in_dygraph
from shapetrace.said import Sentence, said
from shapetrace.trace import SEVERITIES, Death, Finding, Trace, references

_MODULES = (
    "op_arguments",
    "decisions",
    "leaving_int",
    "stale",
    "contradictions",
    "constants",
    "baked",
    "inference",
    "tensor_dims",
    "values",
    "misfits",
    "signatures",
    "saved_inputs",
    "second_specs",
    "dtypes",
    "unconvertible",
    "other_failures",
    "endless",
    "control_flow",
    "grown_lists",
    "axis_sizes",
)

LAST_RESORT = "ST809"
"""Tells of each exception that ended a conversion, and counts where no other rule has an error to tell of that conversion."""

OF_SPECS = frozenset({"ST901", "ST904", "ST905", "ST906"})
"""What was asked for cannot be had: told first, since what fails in the conversion may come of it."""

_rules: dict[str, Rule] = {}


def register(rule: Rule) -> Rule:
    """Add a rule.

    Raises:
        UsageError: Its code is taken.
    """
    if rule.code in _rules:
        raise UsageError(said("rule {} is registered twice: give one of them another code", rule.code))
    _rules[rule.code] = rule
    return rule


def own() -> dict[str, Rule]:
    """The rules that shapetrace itself has, by code."""
    for module in _MODULES:
        importlib.import_module(f"shapetrace.rules.{module}")
    return _rules


def all_rules() -> list[Rule]:
    """All rules by code."""
    rules = _known()
    return [rules[code] for code in sorted(rules)]


def get(code: str) -> Rule:
    """The rule with this code.

    Raises:
        UsageError: There is none.
    """
    rule = _known().get(code.upper())
    if rule is None:
        raise UsageError(said("there is no rule {}: `shapetrace rule` lists them", code))
    return rule


def page(rule: Rule, language: str = "en") -> str:
    """The page of a rule in Markdown, in English where it has not been translated, as those of plugins."""
    path = resources.files(__package__) / "pages" / language / f"{rule.code}.md"
    return path.read_text(encoding="utf-8") if not rule.text and path.is_file() else rule.page


def title(rule: Rule, language: str = "en") -> str:
    """What is wrong, in a few words: the title of its page, where that has been translated."""
    translated = page(rule, language)
    return rule.title if translated == rule.page else translated.partition("\n")[0].partition("：")[2]


def check(trace: Trace, collected: Iterable[Finding] = ()) -> list[Finding]:
    """All findings in a trace, merged where they are one, and ordered: what broke the export first, then by severity.

    Args:
        trace: The trace. Rules and plugins that fail are added to its notes.
        collected: Findings of a second build of a conversion that failed (`shapetrace.collect`). They count in place
            of those of the first build, of the same dim at the same place.
    """
    notes: list[Sentence] = []
    merged: dict[object, Finding] = {}
    raw = [finding for rule in all_rules() for finding in _found(rule, trace, notes)]
    for finding in _without_explained(raw, trace.death):
        first = merged.get(_identity(finding))
        merged[_identity(finding)] = finding if first is None else _merge(first, finding)
    for finding in collected:
        key = _first_build(merged, finding)
        first = merged.get(key)
        merged[key] = _elsewhere(finding) if first is None else _counted_as(first, finding)
    findings = sorted(merged.values(), key=_order)
    findings = in_dygraph.told(trace, findings)
    findings = fixes.apart(answers.named(findings, notes, trace.tried))
    trace.remarks += [note for note in (*discovery.plugins().problems, *notes) if note not in trace.remarks]
    return findings


def _order(finding: Finding) -> tuple[int, bool, str]:
    return SEVERITIES.index(finding.severity), finding.rule not in OF_SPECS, finding.rule


def _found(rule: Rule, trace: Trace, notes: list[Sentence]) -> list[Finding]:
    """What a rule finds; nothing and a note if it fails."""
    try:
        findings = list(rule.find(trace))
        return findings if rule.code in _rules else [_sound(finding, rule, trace) for finding in findings]
    except Exception as error:
        notes.append(said("the rule {} failed, and found nothing: {}", rule.code, in_words(error)))
        return []


def _sound(finding: object, rule: Rule, trace: Trace) -> Finding:
    """A finding of a plugin's, once it is known that it can be saved and shown."""
    if not isinstance(finding, Finding):
        raise TypeError(f"it gave {type(finding).__name__}, not a Finding")
    if finding.rule != rule.code:
        raise ValueError(f"it gave a finding of {finding.rule}")
    references.of_finding(finding, trace)
    return msgspec.msgpack.decode(msgspec.msgpack.encode(finding), type=Finding)


def _without_explained(findings: list[Finding], death: Death | None) -> list[Finding]:
    """The findings, of the last resort only those that nothing else explains.

    That the process died is explained by what is wrong with the op that it was making, and by nothing else.
    """
    died = {death.conversion} if death is not None else set()
    told = [finding for finding in findings if finding.rule != LAST_RESORT and finding.severity == "error"]
    explained = {finding.conversion for finding in told} - died
    inside = death is not None and death.inside
    lines = {_line(finding) for finding in told if inside and finding.conversion in died}
    return [
        finding
        for finding in findings
        if finding.rule != LAST_RESORT or (finding.conversion not in explained and _line(finding) not in lines)
    ]


def _line(finding: Finding) -> tuple[int, str, int]:
    place = finding.sink
    return (finding.conversion, place.file, place.line) if place is not None else (finding.conversion, "", 0)


def _identity(finding: Finding) -> tuple[object, ...]:
    """What two findings have in common that are one: the place, and the dim. A helper called twice is two."""
    return (*_place(finding), finding.symbolic, finding.roots)


def _place(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.source, finding.sink, finding.expression


def _first_build(merged: dict[object, Finding], finding: Finding) -> object:
    """Under what the first build's finding is kept that a finding of the second build is; else what to keep it under.

    A build that broke off may have symbolic shapes where the other has none, so that one of the two tells no dim.
    """
    key = _identity(finding)
    if key in merged:
        return key
    alike = (other for other, first in merged.items() if _place(first) == _place(finding))
    return next((other for other in alike if not merged[other].symbolic or not finding.symbolic), key)


def _elsewhere(finding: Finding) -> Finding:
    """A finding of a build whose records are not in the trace."""
    return msgspec.structs.replace(finding, reads=(), skips=(), uses=(), ops=())


def _merge(first: Finding, other: Finding) -> Finding:
    return msgspec.structs.replace(
        first,
        count=first.count + other.count,
        layers=(*first.layers, *other.layers),
        reads=tuple(dict.fromkeys((*first.reads, *other.reads))),
        skips=tuple(dict.fromkeys((*first.skips, *other.skips))),
        uses=(*first.uses, *other.uses),
        ops=(*first.ops, *other.ops) if first.conversion == other.conversion else first.ops,
    )


def _counted_as(first: Finding, other: Finding) -> Finding:
    return msgspec.structs.replace(first, count=other.count, layers=other.layers)


def _known() -> dict[str, Rule]:
    return own() | discovery.plugins().rules
