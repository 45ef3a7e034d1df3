"""ST801: a conversion that never ends, because Python goes through a tensor of unknown length."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import iteration
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.trace import Endless, Finding, Fix, Sink, Site, Step, Trace
from shapetrace.trace.said import Said, said


def endless(trace: Trace) -> Iterator[Finding]:
    """ST801: what iterates over a tensor of unknown length, in a conversion that was ended from outside."""
    for each in trace.endless:
        site = trace.sites[each.site]
        code = _code(site)
        loop = trace.sites[each.loop] if each.loop >= 0 else None
        yield Finding(
            "ST801",
            "error",
            _message(each, code, loop),
            expression=each.iterated,
            sink=Sink.at(site, "iteration"),
            chain=(Step(_code(loop), "", "", loop),) if loop is not None else (),
            fix=Fix(iteration.advice(site.code, each.iterated, each.array)),
            conversion=each.conversion,
            remarks=(_ended(trace, each),),
        )


def _message(each: Endless, code: str, loop: Site | None) -> Said:
    if loop is not None:
        return said(
            "`{}` never ends: {} became an array of tensors in `{}`, which has no known length in a conversion",
            code,
            _length(each),
            _code(loop),
        )
    return said("`{}` never ends: {} has no known length in a conversion", code, _length(each))


def _code(site: Site) -> str:
    return " ".join(site.code.split())


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
