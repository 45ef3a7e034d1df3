"""Where Paddle's own Python code took an unknown dim for a number, tested it, and went the wrong way because of it."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import leaks
from shapetrace.rules import decisions
from shapetrace.rules.decisions import Tested
from shapetrace.rules.evidence import Evidence, of_uses
from shapetrace.trace import Comparison, OpArgument, Trace, Truth


def raised(trace: Trace) -> Iterator[Tested]:
    """The test after which a function of Paddle's raised, so that the conversion ended."""
    last: dict[int, Tested] = {}
    for evidence in _tests(trace):
        conversion = evidence.use.conversion
        if evidence.ended() and decisions.differs(evidence):
            last[conversion] = evidence
    yield from last.values()


def last(evidence: Evidence[OpArgument]) -> int:
    """Index of the last use of a dim in the call that ended the conversion; -1 where one of them is known to have done so."""
    uses, call = evidence.trace.uses, (evidence.use.conversion, evidence.use.site)
    alike = {
        at: use.raised
        for at, use in enumerate(uses)
        if isinstance(use, OpArgument) and (use.conversion, use.site) == call
    }
    return -1 if any(raised >= 0 for raised in alike.values()) else max(alike)


def told_by_an_op(evidence: Evidence[OpArgument]) -> bool:
    """Whether a number that Paddle's Python code took from a dim went on into an op of the same call, which is told of."""
    use, read = evidence.use, evidence.read
    others = (
        Evidence(evidence.trace, at, other)
        for at, other in enumerate(evidence.trace.uses)
        if isinstance(other, OpArgument)
        and other.operation
        and (other.conversion, other.site) == (use.conversion, use.site)
    )
    return not use.operation and any(
        (other.read.tensor, other.read.axis) == (read.tensor, read.axis) for other in others
    )


def decided(trace: Trace) -> Iterator[Tested]:
    """The tests that have part in what a function of Paddle's computes."""
    for evidence in _tests(trace):
        if evidence.api in leaks.DECIDING and not evidence.ended() and decisions.differs(evidence):
            yield evidence


def _tests(trace: Trace) -> Iterator[Tested]:
    return (evidence for evidence in of_uses(trace, Comparison, Truth) if evidence.use.context == "paddle")
