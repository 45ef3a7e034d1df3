"""What is found goes by no index: each place that is told of may be the first of the trace's table, where its index is 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from recorded_traces import Recordings, modules, twins
from rules import written
from shapetrace import Trace, rules
from shapetrace.trace import Finding, Site

PLACES = frozenset({"site", "stack", "reads", "grows", "defined", "called", "wrapped", "assigned", "loop"})
"""Fields of records that hold indices into `Trace.sites`, but for those of findings."""


def swapped(trace: Trace, place: int) -> Trace:
    """The trace with a place and the first one changed over."""
    sites = list(trace.sites)
    sites[0], sites[place] = sites[place], sites[0]
    numbers = {0: place, place: 0}
    return msgspec.structs.replace(renumbered(trace, numbers), sites=sites, findings=[])


def renumbered(record: Any, numbers: dict[int, int]) -> Any:
    """A record, or several, with other indices of places."""
    if isinstance(record, list | tuple):
        return type(record)(renumbered(item, numbers) for item in record)
    if not isinstance(record, msgspec.Struct) or isinstance(record, Site | Finding):
        return record
    changed = {}
    for name in record.__struct_fields__:
        held = getattr(record, name)
        if name not in PLACES:
            changed[name] = renumbered(held, numbers)
        else:
            changed[name] = (
                tuple(numbers.get(index, index) for index in held)
                if isinstance(held, tuple)
                else numbers.get(held, held)
            )
    return msgspec.structs.replace(record, **changed)


def told(findings: Sequence[Finding]) -> Iterator[Site]:
    """The places that findings tell of."""
    for finding in findings:
        cause = finding.cause
        yield from (site for site in (finding.source, *(step.site for step in finding.chain)) if site is not None)
        if cause is not None:
            yield from (site for site in (cause.site, cause.wrapped, cause.defined) if site is not None)
        if finding.sink is not None:
            yield Site(*(getattr(finding.sink, name) for name in Site.__struct_fields__))


def differing(trace: Trace) -> list[str]:
    """The places of a trace with which something else is found where they are the first."""
    found = rules.check(trace)
    places = [trace.sites.index(site) for site in dict.fromkeys(told(found)) if site in trace.sites]
    changed = (place for place in places if rules.check(swapped(trace, place)) != found)
    return [f"line {trace.sites[place].line}, `{trace.sites[place].code}`" for place in changed]


@pytest.mark.parametrize("group", written.GROUPS)
def test_a_place_of_a_written_trace_may_be_the_first(group: str) -> None:
    wrong = {name: differing(trace) for name, trace in written.GROUPS[group]()}
    assert not any(wrong.values()), wrong


@pytest.mark.paddle
@pytest.mark.parametrize("folder", ["models", "models/reported"])
def test_a_place_of_a_recorded_trace_may_be_the_first(recorded: Recordings, folder: str) -> None:
    """Of each export that fails: the others have little to tell."""
    wrong = {}
    for twin in twins(modules(folder)):
        if twin.endswith(":broken") and not recorded.recording(twin).died:
            wrong[twin] = differing(recorded.trace(twin))
    assert not any(wrong.values()), wrong
