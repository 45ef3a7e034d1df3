"""ST4xx: a dim outlived the conversion it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules.evidence import of_uses
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Finding, Stored, Trace, Use


def of_another_conversion(trace: Trace) -> Iterator[Finding]:
    """ST401: a dim of one conversion was used in another."""
    for evidence in of_uses(trace, Use):
        use, born = evidence.use, evidence.read.conversion
        if 0 <= born != use.conversion >= 0 and not isinstance(use, Stored):
            of = trace.conversions[born].function
            into = trace.conversions[use.conversion].function
            sentence = said(
                "`{}`, an unknown dim of the conversion of {}, was used in that of {}", use.expression, of, into
            )
            yield evidence.finding("ST401", "error", sentence)


def cached(trace: Trace) -> Iterator[Finding]:
    """ST402: a dim was kept on a layer, where the next conversion or call finds it."""
    for evidence in of_uses(trace, Stored):
        sentence = said("{} keeps {}, an unknown dim, beyond the conversion", evidence.use.op, evidence.dim.value)
        yield evidence.finding("ST402", "warning", sentence)


register(Rule("ST401", "a dim of one conversion was used in another", "error", of_another_conversion))
register(Rule("ST402", "a dim was kept on a layer beyond its conversion", "warning", cached))
