"""What came of a job: its state, and the one cause of it."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from shapetrace.facts import operators
from shapetrace.said import Said, Sentence, joined, said
from shapetrace.sweep.jobs import Job
from shapetrace.sweep.portable import Portable
from shapetrace.sweep.process import Ended, Limit
from shapetrace.sweep.records import Cause, Engine, Found, State
from shapetrace.trace import Finding, Served, Sink, Trace, Verified
from shapetrace.trace.death import Phase

_FOUND = (
    3  # the exit code of `shapetrace run` where an export does not give what its model gives, or by a project's fail-on
)

_ENDED = "ST809"  # it says of a process that died no more than that
_OF_PYTHON = ("ST2", "ST3", "ST4", "ST6", "ST801", "ST802", "ST803")
"""How the rules begin whose findings are of what Python did with a number, a list or an `if`: that is no op."""
_OF_TENSORS = ("ST701", "ST806")
"""Those of two tensors that do not go together."""

_OF_THE_SCRIPT: tuple[Phase, ...] = ("start", "watching", "converting")
"""When the last line that ran is the script's: afterwards, shapetrace runs the model."""

Judgement = tuple[State, Cause | None]


class Stage(Struct, frozen=True):
    """How far the export of a factory has come, as it told itself."""

    stage: str = ""
    export: float = 0.0
    """Seconds of processor that the export took, once it is done."""
    says: Sentence = ""
    """Why the model could not be built."""


@dataclass(frozen=True)
class Evidence:
    """What a job has left."""

    job: Job
    ended: Ended
    stage: Stage
    trace: Trace | None
    last: str
    """The last line that it printed; empty where it printed none."""
    portable: Portable

    @property
    def findings(self) -> tuple[Found, ...]:
        """The errors and warnings."""
        findings = self.trace.findings if self.trace is not None else []
        return tuple(self.found(finding) for finding in findings if finding.severity != "note")

    @property
    def unverified(self) -> Sentence:
        """Why exports have not been compared with their models."""
        if not self.job.verify or self.trace is None:
            return "" if self.job.verify else said("not asked for")
        if not self.trace.verified:
            return said("nothing was exported by paddle.jit.save from a layer")
        why = [self.portable.sentence(outcome.said) for outcome in self.trace.verified if outcome.ok is None]
        return joined("{}; {}", why) if why else ""

    @property
    def engines(self) -> tuple[Engine, ...]:
        """What each further engine made of the exports; of several exports, the first one that it fails on."""
        verified = self.trace.verified if self.trace is not None else []
        told: dict[str, Engine] = {}
        for served in (served for outcome in verified for served in outcome.engines if served.name != "jit.load"):
            if served.name not in told or (served.ok is False and told[served.name].ok is not False):
                told[served.name] = self._engine(served)
        return tuple(told.values())

    def _engine(self, served: Served) -> Engine:
        says, place = self.portable.text(served.says), self.portable.place(served.site)
        told = self.portable.sentence(served.said) if isinstance(served.said, Said) else ""
        return Engine(served.name, served.ok, says, served.stage, place, served.op, told)

    def found(self, finding: Finding) -> Found:
        """A finding as a record keeps it."""
        site = finding.sink or finding.source
        op = site.op if isinstance(site, Sink) and not finding.rule.startswith(_OF_PYTHON) else ""
        if not op[:1].isalpha():  # a sign, which makes an op of two tensors, and none of a list or a number
            op = operators.BETWEEN_TENSORS.get(op, "") if finding.rule in _OF_TENSORS else ""
        says, place = self.portable.text(finding.message), self.portable.place(site)
        return Found(finding.rule, finding.severity, says, place, op, self.portable.sentence(finding.said))


def judge(evidence: Evidence) -> Judgement:
    """The state of a job, by how it ended and what it has left."""
    ended, trace = evidence.ended, evidence.trace
    if ended.limit or ended.code < 0:
        return _ended(evidence)
    if evidence.stage.stage == "build":
        return "could-not-be-built", _cause(evidence, evidence.stage.says or _last(evidence), stage="build")
    if trace is None or not (trace.conversions or trace.findings):
        says = _last(evidence) if ended.code or trace is None else _idle(evidence)
        return "could-not-be-built", _cause(evidence, says, stage="build")
    failed = any(conversion.failure is not None for conversion in trace.conversions) and not _wrong(trace)
    if ended.code and (ended.code != _FOUND or failed):
        return _failed(evidence, trace)
    return _exported(evidence, trace)


def _last(evidence: Evidence) -> Sentence:
    return evidence.last or said("it ended with exit code {}, and without a word", evidence.ended.code)


def _idle(evidence: Evidence) -> Said:
    """Of a script that ended well, and converted nothing."""
    idle = said("nothing was converted: paddle.jit.save was not called, or in another process than the script's own")
    return said("{}; it printed last: {}", idle, evidence.last) if evidence.last else idle


def _ended(evidence: Evidence) -> Judgement:
    """Of a job that a limit or a signal has ended: what it had found by then, else how it ended."""
    limit, name = evidence.ended.limit, signal_name(-evidence.ended.code)
    says = over(evidence.job, limit) if limit else said("died of {}", name)
    if evidence.trace is not None and _wrong(evidence.trace):
        return _exported(evidence, evidence.trace, says)
    if limit:
        return "over-memory" if limit == "memory" else "endless", _where(evidence, says)
    return "dies", _where(evidence, says, name)


def over(job: Job, limit: Limit) -> Said:
    """What a job did that ran into a limit."""
    if limit == "memory":
        return said("took more than {} GB", f"{job.limits.memory:g}")
    return said("did not end within {} s", f"{job.limits.seconds:g}")


def _where(evidence: Evidence, says: Said, signal: str = "") -> Cause:
    """Where a job was that was ended: by the finding that explains it, else by its last line."""
    stage = evidence.stage.stage
    trace = evidence.trace
    if trace is None:
        return _cause(evidence, says, signal=signal, stage=stage)
    explained = _explaining(trace)
    if explained is not None:
        return _found(evidence, explained, said("{}: {}", says, explained.said), signal=signal, stage=stage)
    death = trace.death
    if death is None or death.conversion < 0:
        done = trace.conversions and all(conversion.failure is None for conversion in trace.conversions)
        says = said("{}; what it converts was converted by then", says) if done else says
    if death is None or not death.stack or death.phase not in _OF_THE_SCRIPT:
        return _cause(evidence, says, signal=signal, stage=stage)
    place = evidence.portable.place(trace.sites[death.stack[-1]])
    return _cause(evidence, says, place=place, op=death.op, signal=signal, stage=stage)


def _explaining(trace: Trace) -> Finding | None:
    """The finding that explains most: the first error."""
    errors = (finding for finding in trace.findings if finding.severity == "error" and finding.rule != _ENDED)
    return next(errors, None)


def _cause(evidence: Evidence, sentence: Sentence, **about: Any) -> Cause:
    """A cause by what is said of it: as English text, and as a sentence for other languages where it is one."""
    told = evidence.portable.sentence(sentence)
    return Cause(evidence.portable.text(str(sentence)), said=told if isinstance(told, Said) else "", **about)


def _found(evidence: Evidence, finding: Finding, sentence: Sentence, **about: Any) -> Cause:
    """A finding as a cause."""
    found = evidence.found(finding)
    return _cause(evidence, sentence, rule=found.rule, place=found.place, op=found.op, **about)


def _failed(evidence: Evidence, trace: Trace) -> Judgement:
    failures = [conversion.failure for conversion in trace.conversions if conversion.failure is not None]
    failure = failures[-1] if failures else None
    dygraph = failure.in_dygraph if failure is not None else None
    state: State = "dygraph-fails" if dygraph is not None and not dygraph.runs else "export-fails"
    finding = next((candidate for candidate in trace.findings if candidate.severity == "error"), None)
    layer = failure.layer if failure is not None else ""
    if finding is not None:
        return state, _found(evidence, finding, finding.said, layer=layer, stage="export")
    says = f"{failure.type}: {failure.message}" if failure is not None else str(_last(evidence))
    site = trace.sites[failure.stack[-1]] if failure is not None and failure.stack else None
    return state, Cause(evidence.portable.text(says), "", evidence.portable.place(site), layer=layer, stage="export")


def _exported(evidence: Evidence, trace: Trace, cut: Said | None = None) -> Judgement:
    """Of a job that has exported its model; `cut` says what has ended it."""
    for verified in trace.verified:
        if verified.ok is False and not _only_in_an_engine(verified):
            state: State = "differs-at-a-size" if verified.stage == "compare" else "fails-at-inference"
            return state, _difference(evidence, trace, verified, cut)
        if verified.stage == "model":
            return "dygraph-fails", _cause(evidence, verified.said, stage="verify")
    for engine in evidence.engines:
        if engine.ok is False:
            return "fails-in-an-engine", Cause(
                engine.says, place=engine.place, op=engine.op, engine=engine.name, stage=engine.stage, said=engine.said
            )
    for finding in trace.findings:
        if finding.severity != "note":
            return "finding", _found(evidence, finding, finding.said, stage="export")
    return "healthy", None


def _only_in_an_engine(verified: Verified) -> bool:
    """Whether nothing is wrong in Paddle itself, and a further engine is."""
    return any(served.name == "jit.load" and served.ok is not False for served in verified.engines)


def _difference(evidence: Evidence, trace: Trace, verified: Verified, cut: Said | None) -> Cause:
    portable, site = evidence.portable, verified.site
    if cut is not None and not verified.op:
        told = said("{}; the op was not found: {}", verified.said, cut)
        explained = _explaining(trace)
        rule, place = (explained.rule, evidence.found(explained).place) if explained is not None else ("", None)
        return _cause(evidence, told, rule=rule, place=place, sizes=verified.sizes, stage="verify")
    explaining = (
        finding.rule
        for finding in trace.findings
        if finding.severity != "note" and finding.sink is not None and site is not None
        if (finding.sink.file, finding.sink.line) == (site.file, site.line)
    )
    return _cause(
        evidence,
        verified.said,
        rule=next(explaining, ""),
        place=portable.place(verified.site),
        op=verified.op,
        sizes=verified.sizes,
        stage="verify",
    )


def _wrong(trace: Trace) -> bool:
    return any(verified.ok is False for verified in trace.verified)


def signal_name(number: int) -> str:
    """`SIGABRT`; the number of a signal that has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
