"""What is kept of a job: one small record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from msgspec import Struct

from shapetrace.said import Sentence
from shapetrace.sizes.pattern import Pattern

State = Literal[
    "healthy",
    "finding",
    "export-fails",
    "differs-at-a-size",
    "fails-at-inference",
    "fails-in-an-engine",
    "endless",
    "dies",
    "over-memory",
    "dygraph-fails",
    "could-not-be-built",
]
STATES: tuple[State, ...] = get_args(State)


class Place(Struct, frozen=True, omit_defaults=True):
    """A line of source, by a path that is the same in every checkout."""

    file: str
    line: int
    code: str = ""


class Found(Struct, frozen=True, omit_defaults=True):
    """A finding of a job."""

    rule: str
    severity: str
    says: str
    place: Place | None = None
    op: str = ""
    said: Sentence = ""
    """The same as `says`, for other languages."""

    @property
    def sentence(self) -> Sentence:
        """What to say of it, in whatever language."""
        return self.said or self.says


class Cause(Struct, frozen=True, omit_defaults=True):
    """Why a job is not healthy."""

    says: str
    """In words, one line."""
    rule: str = ""
    place: Place | None = None
    op: str = ""
    layer: str = ""
    sizes: tuple[str, ...] = ()
    """At which sizes."""
    signal: str = ""
    """Of a job that died: `SIGSEGV`."""
    engine: str = ""
    stage: str = ""
    """What was being done: `build`, `export`, `verify`."""
    said: Sentence = ""
    """The same as `says`, for other languages; empty where that is the text of an exception."""

    @property
    def sentence(self) -> Sentence:
        """What to say of it, in whatever language."""
        return self.said or self.says


class Engine(Struct, frozen=True, omit_defaults=True):
    """What an engine made of an export."""

    name: str
    ok: bool | None
    says: str = ""
    stage: str = ""
    place: Place | None = None
    op: str = ""
    said: Sentence = ""
    """The same as `says`, for other languages."""


class Axis(Struct, frozen=True, omit_defaults=True):
    """Which sizes an export takes of an axis."""

    name: str
    says: str
    state: str
    values: tuple[int, ...] | None = None
    modulus: int | None = None
    residues: tuple[int, ...] | None = None
    also: tuple[int, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    multiple_of: int | None = None
    square_and: int | None = None
    said: Sentence = ""
    """The same as `says`, for other languages."""

    @property
    def pattern(self) -> Pattern:
        """The sizes themselves."""
        bounds = self.at_least, self.at_most
        return Pattern(self.values, self.modulus, self.residues, self.also, *bounds, self.multiple_of, self.square_and)

    @property
    def sentence(self) -> Sentence:
        """What to say of it, in whatever language."""
        return self.said or self.says


class Spent(Struct, frozen=True):
    """What a job took. It is the one part of a record that differs from run to run."""

    began: float
    """Seconds since 1970."""
    seconds: float
    cpu: float
    """Seconds of processor."""
    export: float
    """Those of them that the export itself took; 0 where that is not known, as of a script."""
    memory: int
    """Bytes that its processes had in use at the most, as far as was seen."""


class Record(Struct, frozen=True, omit_defaults=True):
    """What came of a job."""

    key: str
    model: str
    mode: str
    environment: str
    paddle: str
    python: str
    shapetrace: str
    state: State
    spent: Spent
    cause: Cause | None = None
    findings: tuple[Found, ...] = ()
    """Errors and warnings, whatever the state."""
    engines: tuple[Engine, ...] = ()
    takes: tuple[Axis, ...] = ()
    """Which sizes it takes, where that was asked for."""
    unknown: Sentence = ""
    """Why it is not known which sizes it takes."""
    unverified: Sentence = ""
    """Why it is not known whether the export gives what the model gives, where it was exported well."""
    files: tuple[str, ...] = ()
    """Names of what stands in `reports/KEY`."""

    @property
    def name(self) -> tuple[str, str, str]:
        """Its place in the matrix."""
        return self.model, self.mode, self.environment


def cause_key(record: Record) -> tuple[Any, ...]:
    """What failures of one cause have in common: the state and rule, the line and the op."""
    cause = record.cause
    if cause is None:
        return (record.state,)
    place = cause.place
    where = (place.file, place.line) if place is not None else None
    words = cause.says if where is None and not cause.rule and not cause.signal else ""
    return record.state, cause.rule, where, cause.op, cause.signal, cause.engine, cause.stage, words


def groups(records: Sequence[Record]) -> list[list[Record]]:
    """Records that are not healthy, those of one cause together, the largest group first."""
    by_cause: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record.state != "healthy":
            by_cause.setdefault(cause_key(record), []).append(record)
    return sorted(by_cause.values(), key=lambda group: -len(group))


class Done(Struct, frozen=True):
    """What a worker hands back of a job."""

    record: Record
    files: dict[str, bytes]
    """What it reports, by the names of the files."""
