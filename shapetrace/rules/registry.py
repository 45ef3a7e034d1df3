"""The registry of rules: code, title, severity, page, and the function that finds violations."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from importlib import resources
from typing import NamedTuple

import msgspec

from shapetrace.errors import UsageError
from shapetrace.rules import answers
from shapetrace.trace import SEVERITIES, Finding, Severity, Trace

_MODULES = ("op_arguments", "decisions", "leaving_int", "stale", "baked", "tensor_dims", "misfits")

_rules: dict[str, Rule] = {}


class Rule(NamedTuple):
    """One rule.

    Attributes:
        code: `ST101`.
        title: What is wrong, in a few words.
        severity: Of its findings.
        find: Yields the findings of this rule in a trace.
        text: The page in Markdown, for rules that do not keep it in `pages/` (those of plugins).
    """

    code: str
    title: str
    severity: Severity
    find: Callable[[Trace], Iterable[Finding]]
    text: str = ""

    @property
    def page(self) -> str:
        """The rule's page in Markdown: what happens, an example, how to fix it, when it is fine."""
        if self.text:
            return self.text
        return (resources.files("shapetrace.rules") / "pages" / f"{self.code}.md").read_text(encoding="utf-8")


def register(rule: Rule) -> Rule:
    """Add a rule.

    Raises:
        UsageError: Its code is taken.
    """
    if rule.code in _rules:
        raise UsageError(f"rule {rule.code} is registered twice: give one of them another code")
    _rules[rule.code] = rule
    return rule


def all_rules() -> list[Rule]:
    """All rules by code."""
    _load()
    return [_rules[code] for code in sorted(_rules)]


def get(code: str) -> Rule:
    """The rule with this code.

    Raises:
        UsageError: There is none.
    """
    _load()
    rule = _rules.get(code.upper())
    if rule is None:
        raise UsageError(f"there is no rule {code}: `shapetrace rule` lists them")
    return rule


def check(trace: Trace, collected: Iterable[Finding] = ()) -> list[Finding]:
    """All findings in a trace, merged by place and ordered: what broke the export first, then by severity.

    Args:
        trace: The trace. Remedies that cannot say which findings they answer are added to its notes.
        collected: Findings of a second build of a conversion that failed (`shapetrace.collect`). They count in place
            of those of the first build at the same place.
    """
    merged: dict[object, Finding] = {}
    for rule in all_rules():
        for finding in rule.find(trace):
            known = merged.get(_place(finding))
            merged[_place(finding)] = finding if known is None else _merge(known, finding)
    for finding in collected:
        known = merged.get(_place(finding))
        merged[_place(finding)] = finding if known is None else _counted_as(known, finding)
    findings = sorted(merged.values(), key=lambda finding: (SEVERITIES.index(finding.severity), finding.rule))
    notes: list[str] = []
    findings = answers.named(findings, notes)
    trace.notes += [note for note in notes if note not in trace.notes]
    return findings


def _place(finding: Finding) -> object:
    return finding.rule, finding.source, finding.sink, finding.expression


def _merge(first: Finding, other: Finding) -> Finding:
    return msgspec.structs.replace(first, count=first.count + other.count, layers=(*first.layers, *other.layers))


def _counted_as(first: Finding, other: Finding) -> Finding:
    return msgspec.structs.replace(first, count=other.count, layers=other.layers)


def _load() -> None:
    for module in _MODULES:
        importlib.import_module(f"shapetrace.rules.{module}")
