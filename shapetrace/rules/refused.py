"""What Python, or a library that knows nothing of Paddle, refused to compute with an unknown dim; ST203, ST301 and ST302 tell of it."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.rules import phrases
from shapetrace.rules.evidence import Evidence, of_uses
from shapetrace.said import said
from shapetrace.trace import Finding, Refused, Said, Trace


def findings(trace: Trace, rule: str) -> Iterator[Finding]:
    """The refusals that a rule tells of, one a place."""
    by_place: dict[tuple[int, int], list[Evidence[Refused]]] = {}
    for evidence in of_uses(trace, Refused):
        if not evidence.is_stale() and not evidence.constant():
            by_place.setdefault((evidence.use.conversion, evidence.use.site), []).append(evidence)
    for refused in by_place.values():
        evidence = min(refused, key=lambda item: item.dim.op == "read")
        if _rule(evidence) == rule:
            yield evidence.finding(rule, "error", _said(evidence))


def places(trace: Trace) -> set[tuple[int, int]]:
    """Conversion and site of each refusal, where nothing was computed that could be told."""
    return {(use.conversion, use.site) for use in trace.uses if isinstance(use, Refused)}


def _rule(evidence: Evidence[Refused]) -> str:
    if evidence.use.numpy:
        return "ST302"
    return "ST203" if evidence.use.op == "[]" else "ST301"


def _said(evidence: Evidence[Refused]) -> Said:
    use = evidence.use
    sentence = said(
        "`{}` raises {} over {}, computed from an unknown dim"
        if phrases.computed(evidence)
        else "`{}` raises {} over {}, an unknown dim",
        phrases.code(evidence),
        use.error,
        evidence.dim.value,
    )
    if use.raised < 0:
        return said("{}: the model's own `except` took the fallback, which is baked in", sentence)
    return phrases.meant(sentence, evidence)
