"""Tells what the remedies of a watch have repaired, by building each conversion without them, too.

A finding counts as repaired only where it was seen: the conversion is built a second time in a process of its own, forked
where it begins, in which the remedies are taken back first. What is found there and not in the repaired conversion was
repaired. That process works while the export goes on, and nothing of it reaches the user's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from shapetrace import collect, forking
from shapetrace.trace import Applied, Finding, RemedyOutcome, Repaired, Site, Trace

if TYPE_CHECKING:
    from shapetrace.capture.session import Session
    from shapetrace.remedies import Application

LIMITS = forking.Limits(seconds=900.0, cpu=900.0, memory=4 << 30)
"""What building a conversion once more may use."""

_AT_ONCE = 2  # processes of ours beside the user's
_PATIENCE = 10.0  # seconds that closing a watch waits, or as long as it has taken so far


class Unrepaired(NamedTuple):
    """What was wrong with a conversion that was built without the remedies."""

    findings: list[Finding]
    failed: bool


class Repairs:
    """The conversions of one watch as they are without its remedies."""

    def __init__(self, session: Session, application: Application) -> None:
        self._session = session
        self._application = application
        self._tasks: dict[int, tuple[float, forking.Task]] = {}

    def begin(self, build: Callable[[], object]) -> None:
        """A conversion is about to be built; `build` would build it. Never raises."""
        running = sum(not task.ended for _, task in self._tasks.values())
        if not self._application.applied or running >= _AT_ONCE or not forking.possible():
            return
        number = len(self._session.trace.conversions)
        try:
            task = forking.Task(lambda: msgspec.msgpack.encode(self._built(build, number)), LIMITS)
        except OSError as error:
            self._session.fault("what the remedies repair could not be looked at", error)
            return
        self._tasks[number] = time.monotonic(), task

    def tell(self, trace: Trace) -> None:
        """Write beside each remedy of a trace, whose findings are made, what came of it; Ctrl-C ends the waiting."""
        try:
            without = [self._outcome(number) for number in range(len(trace.conversions))]
        except KeyboardInterrupt:  # the user waits for the report, not for this
            return
        if without and None not in without:
            trace.remedies = told(trace, [build for build in without if build is not None])

    def _outcome(self, number: int) -> Unrepaired | None:
        if number not in self._tasks:
            return None
        started, task = self._tasks[number]
        content, how, _ = task.outcome(max(_PATIENCE, time.monotonic() - started))
        if content:
            return msgspec.msgpack.decode(content, type=Unrepaired)
        self._session.log.info("not built without remedies", conversion=number, how=how)
        return None

    @collect.rewritten_code_removed()
    def _built(self, build: Callable[[], object], number: int) -> Unrepaired:
        """Build a conversion without remedies, in a process that is for nothing else."""
        from shapetrace import rules
        from shapetrace.capture import record

        session, trace = self._session, self._session.trace
        self._application.take_back()
        session.collect = collect.begin
        try:
            build()
        except Exception as error:
            session.log.info("the conversion fails without remedies", error=repr(error))
        session.tape.closed = True
        record.write(session)
        collected = session.take_in(collect.SECONDS)
        for conversion in trace.conversions:
            session.name_dims(conversion)
        trace.tried = ()
        findings = [finding for finding in rules.check(trace, collected) if finding.conversion == number]
        return Unrepaired(findings, number < len(trace.conversions) and trace.conversions[number].failure is not None)


def told(trace: Trace, without: Sequence[Unrepaired]) -> list[Applied]:
    """The remedies of a trace, with what came of each.

    Args:
        trace: What was seen with them.
        without: What is wrong with each of its conversions when they are built without them.
    """
    names = [applied.name for applied in trace.remedies]
    left = {_place(finding) for finding in trace.findings}
    gone = [
        finding for build in without for finding in build.findings if _grave(finding) and _place(finding) not in left
    ]
    repaired: dict[str, dict[object, Repaired]] = {name: {} for name in names}
    for finding in gone:
        name = _repairer(finding, names)
        if name is not None:
            repaired[name].setdefault(_place(finding), Repaired(finding.rule, finding.said, _site(finding)))
    sound = not any(map(_grave, trace.findings)) and not any(build.failure for build in trace.conversions)
    credited = sum(map(len, repaired.values()))
    healthy = not gone and not any(build.failed for build in without)
    rest: RemedyOutcome = "unknown"
    if sound and (credited or healthy):
        rest = "unneeded"
    elif not sound and not credited:
        rest = "in-vain"
    return [
        msgspec.structs.replace(
            applied,
            outcome="repaired" if repaired[applied.name] else rest,
            repaired=tuple(repaired[applied.name].values()),
        )
        for applied in trace.remedies
    ]


def _repairer(finding: Finding, names: Collection[str]) -> str | None:
    """The most specific of the remedies that were applied which answers a finding; the only one whatever it says."""
    for name in finding.remedies:
        if name in names:
            return name
    return next(iter(names)) if len(names) == 1 else None


def _grave(finding: Finding) -> bool:
    return finding.severity != "note"


def _site(finding: Finding) -> Site | None:
    """Where the dim was consumed, or else where it was read."""
    site = finding.sink or finding.source
    if site is None:
        return None
    return Site(site.file, site.line, site.column, site.end_line, site.end_column, site.code, site.function)


def _place(finding: Finding) -> object:
    return finding.rule, _site(finding)
