"""What was asked for, as rules tell of it: each request once, with the places and words of its specs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.trace import Asked, Finding, Fix, Request, Root, Said, Severity, Sink, Site, Trace

KEY = re.compile(r"\[(['\"])(.*)\1\]$")
"""The end of a path in a dict."""


def requests(trace: Trace) -> Iterator[Request]:
    """The requests of a trace, of those alike one: a script may ask for a program before it saves it."""
    keys = set()
    for request in sorted(trace.requests, key=lambda item: not item.saves):
        key = request.function, request.defined, request.declared, request.given, request.refused
        if key not in keys:
            keys.add(key)
            yield request


def failed(trace: Trace, request: Request) -> str | None:
    """The text of the exception that a request ended with, before or within the conversion; None for none."""
    failure = request.failure
    if failure is None and request.conversion >= 0:
        failure = trace.conversions[request.conversion].failure
    return None if failure is None else failure.message


def specs(asked: tuple[Asked, ...] | None) -> list[Asked]:
    """Those that are specs of tensors."""
    return [item for item in asked or () if item.kind == "InputSpec"]


def name(item: Asked) -> str:
    """What an input is called: by its name, by its key in a dict, or by its parameter."""
    key = KEY.search(item.path)
    return item.name or (key[2] if key else f"{item.parameter}{item.path}")


def shape(sizes: tuple[int, ...]) -> str:
    """`[None, 3]`."""
    return f"[{', '.join(map(size, sizes))}]"


def size(number: int) -> str:
    """A size in a spec, as users write it."""
    return "None" if number == -1 else str(number)


def at(trace: Trace, site: int) -> Site | None:
    """A site of the trace; None where it is not known."""
    return trace.sites[site] if site >= 0 else None


def finding(
    trace: Trace,
    rule: str,
    severity: Severity,
    told: Said,
    request: Request,
    sink: Site | None,
    source: Site | None,
    *,
    expression: str = "",
    notes: tuple[Said, ...] = (),
    says: Said | None = None,
    roots: tuple[Root, ...] = (),
) -> Finding:
    """A finding about a request. Where the sink is not known, it is the call that asked."""
    place = sink or at(trace, request.site)
    return Finding(
        rule=rule,
        severity=severity,
        said=told,
        expression=expression or (" ".join(place.code.split()) if place is not None else request.function),
        source=source if source != place else None,
        sink=None if place is None else Sink.at(place, ""),
        fix=Fix(says) if says is not None else None,
        roots=roots,
        conversion=request.conversion,
        layers=("",),
        remarks=notes,
    )
