"""The recorded data: what a watch saw, as plain structs that save and load without Paddle.

A trace knows nothing of how it was recorded or how it is shown. Sites, expressions and strings that
repeat are kept once and referred to by index, which is what keeps a trace of 50,000 tensors small. What there
are many of is hidden from the garbage collector (`gc=False`): none of it can be part of a cycle, and going through it
again and again took most of the time of loading.
"""

from __future__ import annotations

from msgspec import Struct, field

from shapetrace.said import Said, Sentence
from shapetrace.trace.control_flow import ControlFlow, Placeholder, State, Variable
from shapetrace.trace.death import Death
from shapetrace.trace.failures import Endless, FailedCall, Failure, Given, InDygraph
from shapetrace.trace.findings import SEVERITIES, Applicability, Cause, Edit, Finding, Fix, Root, Severity, Step
from shapetrace.trace.outcomes import Applied, RemedyOutcome, Repaired, Served, ServedAt, Verified
from shapetrace.trace.program import Conversion, Input, Op, Symbol, Tensor, Value
from shapetrace.trace.python import (
    AnyUse,
    Arithmetic,
    Comparator,
    Comparison,
    DimRecord,
    DimRef,
    Float,
    Key,
    Loop,
    OpArgument,
    PlainIndex,
    PlainInt,
    Refused,
    Skip,
    SkipKind,
    Stored,
    Subscript,
    TensorUse,
    TensorUseKind,
    TestContext,
    Text,
    Truth,
    Use,
    kind_of,
)
from shapetrace.trace.requests import Asked, Parameter, Request
from shapetrace.trace.sites import Sink, Site

__all__ = [
    "SEVERITIES",
    "AnyUse",
    "Applicability",
    "Applied",
    "Arithmetic",
    "Asked",
    "Cause",
    "Comparator",
    "Comparison",
    "ControlFlow",
    "Conversion",
    "Death",
    "DimRecord",
    "DimRef",
    "Edit",
    "Endless",
    "FailedCall",
    "Failure",
    "Finding",
    "Fix",
    "Float",
    "Given",
    "InDygraph",
    "Input",
    "Key",
    "Loop",
    "Op",
    "OpArgument",
    "Parameter",
    "Placeholder",
    "PlainIndex",
    "PlainInt",
    "Refused",
    "RemedyOutcome",
    "Repaired",
    "Request",
    "Root",
    "Said",
    "Sentence",
    "Served",
    "ServedAt",
    "Severity",
    "Sink",
    "Site",
    "Skip",
    "SkipKind",
    "State",
    "Step",
    "Stored",
    "Subscript",
    "Symbol",
    "Tensor",
    "TensorUse",
    "TensorUseKind",
    "TestContext",
    "Text",
    "Trace",
    "Truth",
    "Use",
    "Value",
    "Variable",
    "Verified",
    "kind_of",
]


class Trace(Struct, dict=True):
    """Everything one watch recorded, and the findings its rules made of it."""

    shapetrace: str = ""
    paddle: str = ""
    python: str = ""
    conversions: list[Conversion] = field(default_factory=list)
    """The programs that were built, in this order."""
    findings: list[Finding] = field(default_factory=list)
    """What is wrong, the gravest first; filled when the watch closes."""
    dims: list[DimRecord] = field(default_factory=list)
    uses: list[AnyUse] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    tensor_uses: list[TensorUse] = field(default_factory=list)
    endless: list[Endless] = field(default_factory=list)
    control_flow: list[ControlFlow] = field(default_factory=list)
    """Statements that became part of a program, of which there is something to say."""
    requests: list[Request] = field(default_factory=list)
    """The programs that were asked for, in this order."""
    sites: list[Site] = field(default_factory=list)
    sources: dict[str, dict[int, str]] = field(default_factory=dict)
    """File to line number to text, for every line that a finding quotes or a fix changes."""
    files: dict[str, str] = field(default_factory=dict)
    """The source of each file of the user's that an op or a read of a dim stands in: the functions around these, and the heads of others."""
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file that a fix changes, as it was when the watch closed."""
    remedies: list[Applied] = field(default_factory=list)
    tried: tuple[str, ...] = ()
    """Names of remedies that were asked for, whether or not they could be applied: not worth naming to try next."""
    fixed: tuple[Fix, ...] = ()
    """Fixes that the source ran with, put in front of the files in memory."""
    verified: list[Verified] = field(default_factory=list)
    """Exports that were compared with their models."""
    remarks: list[Sentence] = field(default_factory=list, name="notes")
    """What the watch could not do, a sentence each."""
    suppressed: dict[str, int] = field(default_factory=dict)
    """How many findings are not told, by what hides them: `comment`, `choice` or `baseline`."""
    death: Death | None = None
    """How the process ended, where it did not come to the end of the watch."""

    def __post_init__(self) -> None:
        for conversion in self.conversions:
            conversion.sites = self.sites

    @property
    def notes(self) -> list[str]:
        """What the watch could not do, in English."""
        return list(map(str, self.remarks))

    @property
    def foreign(self) -> bool:
        """Whether somebody else may have made it, so that no file that it names is to be opened."""
        return bool(vars(self).get("_foreign"))

    def add(self, conversion: Conversion) -> int:
        """Append a conversion and return its index."""
        conversion.sites = self.sites
        self.conversions.append(conversion)
        return len(self.conversions) - 1
