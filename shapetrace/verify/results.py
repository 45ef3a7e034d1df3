"""What a verification found, and how it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shapetrace.reports.translations import current, worded
from shapetrace.said import Sentence, joined, said
from shapetrace.trace import Finding, Site

JIT_LOAD = "jit.load"
"""The engine that is always there: Paddle's own `paddle.jit.load`."""
SAME = said("gives the same")
_MOST_FINDINGS = 3


@dataclass(frozen=True)
class Place:
    """An op of the exported program."""

    op: str = ""
    """Its name, such as `pd_op.add`."""
    operands: tuple[str, ...] = ()
    """Shapes of what it was given: actual, and symbolic where known."""
    layer: str = ""
    """Path of layer classes, such as `/Decoder/Linear/`."""
    site: Site | None = None
    """The user's line that made it."""
    clash: tuple[Sentence, ...] = ()
    """What does not fit, and where each of the clashing dims came from, a sentence each."""

    def text(self) -> str:
        """Everything but the op and its operands, one line each."""
        line = f"{self.site.file}:{self.site.line}: {self.site.code}" if self.site is not None else ""
        lines = [*map(current().say, self.clash), worded("layer {}", self.layer) if self.layer else "", line]
        return "".join(f"\n      {line}" for line in lines if line)


@dataclass(frozen=True)
class Difference:
    """The first output that is not the same."""

    output: str
    """Its name in what the model returns: `bbox`, `[1]`, `[0].scores`; empty where there is only one."""
    kind: str
    """`count`, `shape`, `dtype` or `values`."""
    said: Sentence
    """What differs, as the end of a sentence that starts with the output."""
    place: Place = Place()
    """The first op that computes something else than the model; empty where it was not found."""

    @property
    def message(self) -> str:
        """What differs, in English."""
        return str(self.said)

    @property
    def whole(self) -> Sentence:
        """The sentence that starts with the output."""
        return said("{} {}", self.output, self.said) if self.output else said("the output {}", self.said)


@dataclass(frozen=True)
class Failure:
    """The exported model raised, and where that was."""

    message: str
    place: Place = Place()
    """The op that raised; empty where it was not found."""


@dataclass(frozen=True)
class Run:
    """One run at one choice of sizes."""

    sizes: Mapping[str, int]
    difference: Difference | None = None
    failure: Failure | None = None
    skipped: str = ""
    """Why nothing was compared: what the model itself raised at these sizes. `failure` is then what the export raised, where
    that was tried."""
    undecided: Sentence = ""
    """Why nothing can be said though both ran: rounding alone makes another output of the model's."""
    accepted: bool = False
    """Whether the export takes sizes that the model refuses."""
    largest: float = 0.0
    """The largest absolute difference of any value."""
    reach: float = 0.0
    """The largest value of the output that it was seen in."""
    reordered: tuple[Sentence, ...] = ()
    """Outputs whose rows came in another order, and are the same otherwise."""
    findings: tuple[Finding, ...] = ()
    """What explains a difference or a failure."""
    note: Sentence = ""
    """Why the place of a difference or a failure is not told; empty where it is."""

    @property
    def ok(self) -> bool:
        """Whether both ran and gave the same."""
        return self.difference is None and self.failure is None and not (self.skipped or self.undecided)


Stage = Literal["convert", "load", "run", "compare"]
"""Where an engine may go wrong."""


@dataclass(frozen=True)
class Cell:
    """What an engine made of the export at one choice of sizes."""

    sizes: Mapping[str, int]
    ok: bool | None
    """None where it did not come to that."""
    said: Sentence = ""

    @property
    def says(self) -> str:
        """What is to be said of it, in English."""
        return str(self.said)


@dataclass(frozen=True)
class Engine:
    """What one engine made of the export."""

    name: str
    ok: bool | None
    """None where nothing can be said, and `said` tells why."""
    stage: Stage | None = None
    """Where it went wrong; None where it did not."""
    said: Sentence = ""
    place: Place | None = None
    """The op, where it was found."""
    sizes: Sequence[Mapping[str, int]] = ()
    """Sizes at which it goes wrong; where it does not, those that were compared."""
    cells: Sequence[Cell] = ()
    """What came of each size."""

    @property
    def says(self) -> str:
        """What is to be said of it, in English."""
        return str(self.said)

    def text(self) -> str:
        """The result as people read it; what was found of the place on lines of its own."""
        at = ""
        if self.place is not None and self.place.op:
            at = worded("\n    at {}", said("{}{}", _op(self.place), self.place.text()))
        verdict = said("fails ({}): {}", self.stage, self.said) if self.ok is False else self.said
        return worded("{}: {}{}", self.name, verdict, at)


@dataclass
class Verification:
    """The runs. Raises nothing: ask `ok`, or print `text()`."""

    model: str
    runs: list[Run] = field(default_factory=list)
    refused: str = ""
    """What the export itself raised; then there are no runs."""
    refused_at: Place | None = None
    """Where that was; None where it is not known."""
    findings: tuple[Finding, ...] = ()
    """What explains it."""
    stage: Literal["", "convert", "load"] = ""
    """Where it was refused; empty where it was not."""
    advice: Sentence = ""
    """What the model wants of its sizes, as one sentence; empty where nothing was seen."""
    untried: Sentence = ""
    """Why `jit.load` was not tried; empty where it was."""
    engines: list[Engine] = field(default_factory=list)
    """What other engines than `jit.load` made of the export, where they were asked."""

    @property
    def compared(self) -> list[Run]:
        """The runs at which the model itself worked, and not so that rounding decides what it gives."""
        return [run for run in self.runs if not (run.skipped or run.undecided)]

    @property
    def ok(self) -> bool:
        """Whether the export succeeded, something was compared, and all of it was the same, in every engine that was tried."""
        return (self.loads_well or bool(self.untried)) and all(engine.ok is not False for engine in self.engines)

    @property
    def loads_well(self) -> bool:
        """The same for `jit.load` alone."""
        return not self.refused and bool(self.compared) and all(run.ok for run in self.compared)

    def text(self) -> str:
        """The result as people read it, one line a run; what explains a difference is told once."""
        if self.refused:
            refused = (
                worded("{}: cannot be loaded: {}", self.model, self.refused)
                if self.stage == "load"
                else worded("{}: cannot be exported: {}", self.model, self.refused)
            )
            at = self.refused_at.text() if self.refused_at is not None else ""
            return "\n".join([f"{refused}{at}", *_explained(self.findings), *self._in_engines()]) + "\n"
        if self.untried:
            return "\n".join([f"{self.model}:", *self._in_engines()]) + "\n"
        if not self.compared:
            verdict = worded("nothing was compared")
        else:
            verdict = (
                worded("the exported model gives the same")
                if self.loads_well
                else worded("the exported model does NOT give the same")
            )
        findings = _explained(finding for run in self.runs for finding in run.findings)
        advice = [f"  {current().say(self.advice)}"] if self.advice else []
        runs = [f"  {_line(run)}" for run in self.runs]
        if self.engines:
            verdict += worded(" in {}", JIT_LOAD)
        lines = [worded("{}: {}", self.model, verdict), *runs, *advice, *findings, *self._in_engines()]
        return "\n".join(lines) + "\n"

    def _in_engines(self) -> list[str]:
        return [f"  {engine.text()}" for engine in self.engines]


def _line(run: Run) -> str:
    note = f"\n      {current().say(run.note)}" if run.note else ""
    sizes = written(run.sizes)
    if run.skipped:
        line = worded("{}: not compared, the model itself fails at these sizes: {}", sizes, run.skipped)
        return f"{line}{_alike(run)}{note}"
    if run.undecided:
        return worded("{}: not compared: {}", sizes, run.undecided)
    if run.failure is not None:
        message, place = run.failure.message, run.failure.place
        line = worded(
            "{}: the exported model fails: {}", sizes, said("{}: {}", _op(place), message) if place.op else message
        )
        return f"{line}{place.text()}{note}"
    if run.difference is not None:
        place = run.difference.place
        first = worded("\n    first seen at {}", said("{}{}", _op(place), place.text())) if place.op else ""
        return worded("{}: {}{}", sizes, run.difference.whole, f"{first}{note}")
    order = worded(", rows of {} in another order", joined("{}, {}", run.reordered)) if run.reordered else ""
    reach = worded(" where values reach {}", f"{run.reach:.3g}") if run.largest else ""
    return worded("{}: same (largest difference {}{}{})", sizes, f"{run.largest:.3g}", reach, order)


def written(sizes: Mapping[str, int]) -> str:
    """`batch=2, x[1]=64`."""
    return ", ".join(f"{name}={size}" for name, size in sizes.items()) or worded("no unknown dims")


def _alike(run: Run) -> str:
    """What the export does at sizes that the model refuses."""
    if run.failure is None:
        return worded("\n    its export takes them") if run.accepted else ""
    place = run.failure.place
    if not place.op:
        return worded("\n    so does its export") + place.text()
    return worded("\n    so does its export, at {}", _op(place)) + place.text()


def _op(place: Place) -> Sentence:
    return said("{} of {}", place.op, joined("{} and {}", place.operands)) if place.operands else place.op


def _explained(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(map(_because, findings)))[:_MOST_FINDINGS]


def _because(finding: Finding) -> str:
    site = finding.sink or finding.source
    where = f"\n      {site.file}:{site.line}: {site.code}" if site is not None else ""
    return worded("  explained by {}: {}", finding.rule, finding.said) + where
