"""What the rules found, and what to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from shapetrace.said import Sentence
from shapetrace.trace.python import SkipKind
from shapetrace.trace.sites import Sink, Site

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Severities, the gravest first."""


class Root(Struct, frozen=True):
    """An input axis a dim comes from. Both None-able: a dim may be born in a data-dependent op."""

    input: str | None
    axis: int | None
    symbol: str


class Cause(Struct, frozen=True, omit_defaults=True):
    """Why the code that read the dim was not rewritten."""

    kind: SkipKind
    callable: str
    site: Site | None = None
    """Where it was called."""
    wrapped: Site | None = None
    """Where it was wrapped, when that is known."""
    defined: Site | None = None


class Step(Struct, frozen=True, omit_defaults=True):
    """One link of the chain from the source to the sink."""

    expression: str
    value: int | float | str
    symbolic: str
    site: Site | None = None

    @property
    def shown(self) -> str:
        """What the expression is, in one text: its shape or symbolic form, else the value."""
        return self.symbolic or str(self.value)


Applicability = Literal["machine", "maybe", "none"]
"""`machine`: applied as it is, the export is right at every size. `maybe`: parses and runs, and a person must judge.
`none`: there are no edits, and the text tells what to do."""


class Edit(Struct, frozen=True):
    """A range of a file, as that of a `Site`, and the text to put there. A range of no length inserts."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(Struct, frozen=True):
    """A change of the user's source that removes the finding."""

    said: Sentence
    applicability: Applicability = "none"
    edits: tuple[Edit, ...] = ()

    @property
    def says(self) -> str:
        """What to do, in English."""
        return str(self.said)


class Finding(Struct, frozen=True, omit_defaults=False):
    """One violated rule: where the dim was read, where it was consumed, and what to do."""

    rule: str
    """Code of the rule: `ST101`."""
    severity: Severity
    """`error`, `warning` or `note`."""
    said: Sentence
    """What is wrong; `message` is that in English, and a report words it in its own language."""
    python_value: Any = None
    """The number that Python had: `-8`."""
    expression: str = ""
    """The user's expression for it: `batch_num * num_heads`."""
    symbolic: str = ""
    """What it was meant to be: `8*image[0]`."""
    source: Site | None = None
    """Where the dim was read."""
    sink: Sink | None = None
    """Where the number was used."""
    roots: tuple[Root, ...] = ()
    """The input axes that it comes from."""
    cause: Cause | None = None
    """Why the code that read the dim was not rewritten."""
    chain: tuple[Step, ...] = ()
    """What Python computed between source and sink."""
    remedies: tuple[str, ...] = ()
    """Names of remedies that repair it, the most specific first."""
    fix: Fix | None = None
    """A change of the source that removes it."""
    conversion: int = -1
    """Index into `Trace.conversions`; -1 where it is about none."""
    count: int = 1
    """How often it happened: six decoder layers are one finding with a count of six."""
    layers: tuple[str, ...] = ()
    """The layer path of each occurrence."""
    remarks: tuple[Sentence, ...] = ()
    """What else there is to say."""
    reads: tuple[int, ...] = ()
    """Indices into `Trace.dims` of the reads of unknown dims that it goes back to."""
    skips: tuple[int, ...] = ()
    """Indices into `Trace.skips`: why the code of these reads was not rewritten."""
    uses: tuple[int, ...] = ()
    """Indices into `Trace.uses` of the uses it is about, the first one first; empty where it is not about a use."""
    ops: tuple[int, ...] = ()
    """Indices into the `ops` of its conversion, of those that break the rule; empty where it is not about the program."""

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return str(self.said)

    @property
    def leaked(self) -> bool:
        """Whether its chain is of numbers that stand for others; else it is of tensors, shapes or dtypes."""
        return self.python_value is not None

    @property
    def in_turn(self) -> bool:
        """Whether the steps of its chain follow one another; else they stand side by side, and do not go together."""
        return self.leaked or self.rule.startswith("ST60")

    @property
    def notes(self) -> tuple[str, ...]:
        """What else there is to say, in English."""
        return tuple(map(str, self.remarks))

    def __repr__(self) -> str:
        site = self.sink or self.source
        place = f" at {site.file}:{site.line}" if site is not None else ""
        return f"<Finding {self.rule} {self.severity}{place}: {self.message}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows."""
        return _show(self)


Shown = Callable[[Finding], dict[str, str]]
"""What a notebook shows of a finding, by media type."""


def shown_by(show: Shown) -> None:
    """Have notebooks show findings as `show` does."""
    global _show
    _show = show


_show: Shown = lambda finding: {"text/plain": repr(finding)}  # noqa: E731  the reports register theirs
