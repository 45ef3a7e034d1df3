"""A parameter that may be left out, has no spec, and is used as a tensor: its default None is what the conversion gets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.rules import asked
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Request, Site, Trace


def left_out(trace: Trace) -> Iterator[Finding]:
    """A finding (ST906) for each conversion that ended where such a parameter is used."""
    for request in asked.requests(trace):
        if request.conversion < 0 or "NoneType" not in (asked.failed(trace, request) or ""):
            continue
        site = _line(trace, trace.conversions[request.conversion])
        name = None if site is None else _parameter(request, site)
        if name is None:
            continue
        specs = ", ".join("InputSpec(...)" for _ in (*_covered(request), name))
        yield asked.finding(
            trace,
            "ST906",
            "error",
            said("{} is None in {}, its default: there is no spec for it", name, request.function),
            request,
            site,
            asked.at(trace, request.defined),
            says=said("give one spec for it too: {}", f"input_spec=[{specs}]"),
        )


def _line(trace: Trace, conversion: Conversion) -> Site | None:
    """The line of the converted function itself that ended its conversion; None where that was another function's."""
    stack = conversion.failure.stack if conversion.failure is not None else ()
    site = trace.sites[stack[-1]] if stack else None
    return site if site is not None and site.function == conversion.function.rpartition(".")[2] else None


def _parameter(request: Request, site: Site) -> str | None:
    """The parameter with a default and without a spec that a line uses."""
    covered = _covered(request)
    names = (item.name for item in request.parameters if not item.required and item.name not in covered)
    return next((name for name in names if re.search(rf"(?<![\w.]){re.escape(name)}\b", site.code)), None)


def _covered(request: Request) -> list[str]:
    return list(dict.fromkeys(item.parameter for item in request.effective))
