"""ST905: a spec is given for a function that has another one from `to_static`."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import asked, claimed
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Asked, Finding, Request, Root, Said, Trace

_IGNORED = said("the layer has a spec from to_static already: Paddle takes that one, and ignores the one given here")
_REFUSED = said(
    "the layer has a spec from to_static already: Paddle refuses one that differs. Leave one of the two out"
)


def contradictions(trace: Trace) -> Iterator[Finding]:
    """ST905: two specs that contradict each other."""
    for request in asked.requests(trace):
        if request.declared is not None and request.given is not None:
            yield from _differences(trace, request)


def _differences(trace: Trace, request: Request) -> Iterator[Finding]:
    declared, requested = asked.specs(request.declared), asked.specs(request.given)
    by_name = {asked.name(item): item for item in declared}
    if len(requested) < len(declared) and all(
        item.name in by_name for item in requested
    ):  # the others are left out on purpose
        declared = [by_name[item.name] for item in requested]
    if len(declared) != len(requested):
        message = said("you asked for {} inputs, and {} are in the spec of to_static", len(requested), len(declared))
        yield _finding(trace, request, message, requested[-1] if requested else None, declared[0] if declared else None)
        return
    told = False
    for wanted, arrived in _pairs(requested, declared):
        for axis, message in _differing(wanted, arrived, request.refused):
            told = True
            yield _finding(trace, request, message, wanted, arrived, axis)
    if request.refused and not told and request.failure is not None and "conflict" in request.failure.message:
        message = said("the two specs of this layer differ, and Paddle refuses that")
        yield _finding(trace, request, message, next(iter(requested), None), next(iter(declared), None))


def _pairs(requested: list[Asked], declared: list[Asked]) -> Iterator[tuple[Asked, Asked]]:
    """The specs of the two that are of one input: by name where both have one, else by place."""
    by_name = {item.name: item for item in declared if item.name}
    for wanted, at_its_place in zip(requested, declared, strict=True):
        yield wanted, by_name.get(wanted.name, at_its_place)


def _differing(wanted: Asked, arrived: Asked, refused: bool) -> Iterator[tuple[int, Said]]:
    name = asked.name(arrived)
    if len(wanted.shape) != len(arrived.shape):
        of_both = (name, len(wanted.shape), asked.shape(wanted.shape), asked.shape(arrived.shape), len(arrived.shape))
        yield (
            0,
            said("you asked for {} of rank {}, {}, and {}, of rank {}, is in the spec of to_static", *of_both)
            if refused
            else said("you asked for {} of rank {}, {}, and {}, of rank {}, arrived", *of_both),
        )
        return
    for axis, (size, counts) in enumerate(zip(wanted.shape, arrived.shape, strict=True)):
        if size == counts or (refused and min(size, counts) < 0):  # None goes with any number
            continue
        sizes = f"{name}[{axis}]", asked.size(size), asked.size(counts)
        yield (
            axis,
            said("you asked for {} = {}, and {} is in the spec of to_static", *sizes)
            if refused
            else said("you asked for {} = {}, and {} arrived", *sizes),
        )


def _finding(
    trace: Trace, request: Request, message: Said, wanted: Asked | None, arrived: Asked | None, axis: int | None = None
) -> Finding:
    here, there = (asked.at(trace, item.site) if item is not None else None for item in (wanted, arrived))
    name = asked.name(arrived) if arrived is not None and axis is not None else ""
    return asked.finding(
        trace,
        "ST905",
        "error" if request.refused or request.unsaved is not None else "warning",
        message,
        request,
        here,
        there,
        expression=f"{name}[{axis}]" if name else "",
        notes=(_REFUSED if request.refused else _IGNORED, *(() if there is not None else (claimed.MADE_BEFORE,))),
        roots=(Root(name, axis, f"{name}[{axis}]"),) if name else (),
    )


register(Rule("ST905", "two specs contradict each other", "error", contradictions))
