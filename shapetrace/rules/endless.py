"""ST801: a conversion that never ends, because Python goes through a tensor of unknown length."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import iteration
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.trace import Endless, Finding, Fix, Sink, Trace
from shapetrace.trace.said import Said, said


def endless(trace: Trace) -> Iterator[Finding]:
    """ST801: what iterates over a tensor of unknown length, in a conversion that was ended from outside."""
    for each in trace.endless:
        site = trace.sites[each.site]
        code = " ".join(site.code.split())
        message = said("`{}` never ends: {} has no known length in a conversion", code, _length(each))
        yield Finding(
            "ST801",
            "error",
            message,
            expression=each.iterated,
            sink=Sink.at(site, "iteration"),
            fix=Fix(iteration.advice(site.code, each.iterated)),
            conversion=each.conversion,
            remarks=(_ended(trace, each),),
        )


def _length(each: Endless) -> Said:
    if not each.iterated:
        return said("what it goes through")
    return said("`{}` (`{}`)", each.iterated, each.bound) if each.bound else said("`{}`", each.iterated)


def _ended(trace: Trace, each: Endless) -> Said:
    failure = trace.conversions[each.conversion].failure
    if failure is None:
        return said("the process ended after {} elements", each.turns)
    return said("the conversion was ended by {} after {} elements", failure.type, each.turns)


register(Rule("ST801", "a conversion never ends", "error", endless))
