"""ST801: a conversion that never ends, because Python goes through a tensor of unknown length."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import iteration
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.trace import Endless, Finding, Fix, Sink, Trace


def endless(trace: Trace) -> Iterator[Finding]:
    """ST801: what iterates over a tensor of unknown length, in a conversion that was ended from outside."""
    for each in trace.endless:
        site = trace.sites[each.site]
        code = " ".join(site.code.split())
        message = f"`{code}` never ends: {_length(each)} has no known length in a conversion"
        yield Finding(
            "ST801",
            "error",
            message,
            expression=each.iterated,
            sink=Sink.at(site, "iteration"),
            fix=Fix(iteration.advice(site.code, each.iterated)),
            conversion=each.conversion,
            notes=(_ended(trace, each),),
        )


def _length(each: Endless) -> str:
    if not each.iterated:
        return "what it goes through"
    return f"`{each.iterated}` (`{each.bound}`)" if each.bound else f"`{each.iterated}`"


def _ended(trace: Trace, each: Endless) -> str:
    failure = trace.conversions[each.conversion].failure
    by = failure.type if failure is not None else "the end of the process"
    return f"the conversion was ended by {by} after {each.turns} elements"


register(Rule("ST801", "a conversion never ends", "error", endless))
