"""ST801: a conversion that never ends, because Python goes through a tensor of unknown length."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import iteration
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.said import Said, said
from shapetrace.trace import Endless, Finding, Fix, Sink, Site, Step, Trace


def endless(trace: Trace) -> Iterator[Finding]:
    """ST801: what iterates over a tensor of unknown length, in a conversion that was ended from outside."""
    for walk in trace.endless:
        site = trace.sites[walk.site]
        code = _code(site)
        loop = trace.sites[walk.loop] if walk.loop >= 0 else None
        yield Finding(
            "ST801",
            "error",
            _message(walk, code, loop),
            expression=walk.iterated,
            sink=Sink.at(site, "iteration"),
            chain=(Step(_code(loop), "", "", loop),) if loop is not None else (),
            fix=Fix(iteration.advice(site.code, walk.iterated, walk.array)),
            conversion=walk.conversion,
            remarks=(_ended(trace, walk),),
        )


def _message(walk: Endless, code: str, loop: Site | None) -> Said:
    if loop is not None:
        lists = (
            said("each list in {}", _length(walk)) if walk.iterated and iteration.is_compound(walk.iterated) else None
        )
        return said(
            "`{}` never ends: {} became an array of tensors in `{}`, which has no known length in a conversion",
            code,
            lists or _length(walk),
            _code(loop),
        )
    return said("`{}` never ends: {} has no known length in a conversion", code, _length(walk))


def _code(site: Site) -> str:
    return " ".join(site.code.split())


def _length(walk: Endless) -> Said:
    if not walk.iterated:
        return said("what it goes through")
    return said("`{}` (`{}`)", walk.iterated, walk.bound) if walk.bound else said("`{}`", walk.iterated)


def _ended(trace: Trace, walk: Endless) -> Said:
    failure = trace.conversions[walk.conversion].failure
    if failure is None:
        return said("the process ended after {} elements", walk.turns)
    return said("the conversion was ended by {} after {} elements", failure.type, walk.turns)


register(Rule("ST801", "a conversion never ends", "error", endless))
