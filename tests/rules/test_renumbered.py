"""What is found goes by no index: places may stand in any order in the trace's table, and another export may come first."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from recorded_traces import Recordings, modules, twins
from rules import written
from shapetrace import Trace, rules
from shapetrace.trace import ControlFlow, Finding, Site
from versions import PADDLE


def of_recorded(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that reads recorded traces."""
    other = pytest.mark.skipif(not PADDLE.startswith("3.3."), reason="traces of other Paddles are read in the same way")
    marked: Callable[..., None] = pytest.mark.paddle(other(test))
    return marked


TABLES = {
    **dict.fromkeys(("site", "stack", "reads", "grows", "defined", "called", "wrapped", "assigned", "loop"), "sites"),
    **dict.fromkeys(("conversion", "raised"), "conversions"),
    **dict.fromkeys(("dim", "other", "id"), "dims"),
    "skip": "skips",
}
"""The fields of records that hold indices, and the table of the trace that these lead into, but for findings."""
Numbers = Mapping[str, Callable[[int], int]]
"""What the indices into a table become; those of an absent one stay."""


def renumbered(record: Any, numbers: Numbers) -> Any:
    """A record, or several, with other indices."""
    if isinstance(record, list | tuple):
        return type(record)(renumbered(item, numbers) for item in record)
    if not isinstance(record, msgspec.Struct) or isinstance(record, Site | Finding):
        return record
    changed = {}
    for name in record.__struct_fields__:
        held = getattr(record, name)
        table = "control_flow" if name == "parent" and isinstance(record, ControlFlow) else TABLES.get(name)
        if table is None:
            changed[name] = renumbered(held, numbers)
        elif isinstance(held, tuple):
            changed[name] = tuple(map(numbers.get(table, int), held))
        elif isinstance(held, int) and held >= 0:
            changed[name] = numbers.get(table, int)(held)
    return msgspec.structs.replace(record, **changed)


def swapped(trace: Trace, place: int) -> Trace:
    """The trace with a place and the first one changed over."""
    sites = list(trace.sites)
    sites[0], sites[place] = sites[place], sites[0]
    other = {0: place, place: 0}
    moved = renumbered(trace, {"sites": lambda index: other.get(index, index)})
    return msgspec.structs.replace(moved, sites=sites, findings=[])


def after(first: Trace, trace: Trace) -> Trace:
    """One trace of what two tell, one after the other."""
    tables = [name for name in trace.__struct_fields__ if isinstance(getattr(trace, name), list)]
    moved = renumbered(trace, {name: len(getattr(first, name)).__add__ for name in tables})
    joined = {name: [*getattr(first, name), *getattr(moved, name)] for name in tables}
    both = msgspec.structs.replace(trace, **{**joined, "findings": [], "remarks": []})
    both.files, both.digests = {**first.files, **trace.files}, {**first.digests, **trace.digests}
    return both


def places(findings: Sequence[Finding]) -> Iterator[Site]:
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
    told = [trace.sites.index(site) for site in dict.fromkeys(places(found)) if site in trace.sites]
    changed = (place for place in told if rules.check(swapped(trace, place)) != found)
    return [f"line {trace.sites[place].line}, `{trace.sites[place].code}`" for place in changed]


@pytest.mark.parametrize("group", written.GROUPS)
def test_a_place_of_a_written_trace_may_be_the_first(group: str) -> None:
    wrong = {name: differing(trace) for name, trace in written.GROUPS[group]()}
    assert not any(wrong.values()), wrong


def failing(recorded: Recordings, folder: str) -> dict[str, Trace]:
    """The traces of the exports in a folder that fail: the others have little to tell."""
    names = [twin for twin in twins(modules(folder)) if twin.endswith(":broken")]
    return {name: recorded.trace(name) for name in names if not recorded.recording(name).died}


@of_recorded
@pytest.mark.parametrize("folder", ["models", "models/reported"])
def test_a_place_of_a_recorded_trace_may_be_the_first(recorded: Recordings, folder: str) -> None:
    wrong = {name: differing(trace) for name, trace in failing(recorded, folder).items()}
    assert not any(wrong.values()), wrong


def seen(findings: Sequence[Finding]) -> list[str]:
    """What findings say, without indices, in any order."""
    nothing: dict[str, Any] = {"conversion": -1, "reads": (), "skips": (), "uses": (), "ops": ()}
    return sorted(repr(msgspec.to_builtins(msgspec.structs.replace(finding, **nothing))) for finding in findings)


@of_recorded
@pytest.mark.parametrize("folder", ["models", "models/reported"])
def test_another_export_may_come_first(recorded: Recordings, folder: str) -> None:
    wrong = []
    traces = failing(recorded, folder)
    for before, name in itertools.pairwise(traces):
        first, second = traces[before], traces[name]
        alone = sorted([*seen(rules.check(first)), *seen(rules.check(second))])
        if seen(rules.check(after(first, second))) != alone:
            wrong.append((before, name))
    assert not wrong
