"""A trace written by hand for rules: the sizes of an input are read in a partial, and used as a test says. Needs no Paddle."""

from __future__ import annotations

from typing import Any

from example_traces import Program
from shapetrace import Trace, rules
from shapetrace.trace import DimRecord, DimRef, FailedCall, Failure, Finding, Given, Site, Skip
from uses import use_of

FILE = "/home/ann/net.py"


class Leak:
    """Dims of an input `x`, by default of [x[0], x[1], 8], in one conversion.

    Attributes:
        trace: The trace.
        n: Index of the dim that `x.shape[0]` gave.
        m: Index of the dim that `x.shape[1]` gave.
    """

    def __init__(self, dims: str = "S0; S1; 8") -> None:
        self.trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
        self.program = Program(self.trace, "Net.forward")
        self.x = self.program.input("x", dims)
        self.trace.skips.append(Skip("partial", "inner", called=self.site(9, "self.inner(x)", "forward")))
        self.n, self.m = self.read(0), self.read(1)

    def site(self, line: int, code: str = "", function: str = "inner") -> int:
        """A place in the user's code."""
        return self.program.site(Site(FILE, line, 4, line, 4 + len(code), code, function))

    def read(self, axis: int, conversion: int = 0, internal: bool = False) -> int:
        """A dim that was read from `x`."""
        return self._dim(
            DimRecord(-1, "read", (), conversion, self.x, axis, self.site(20 + axis, "x.shape"), 0, internal)
        )

    def computed(self, value: int, op: str, *operands: int | DimRef) -> int:
        """A dim that was computed from others, given as `DimRef`, and numbers."""
        return self._dim(DimRecord(value, op, operands, site=self.site(30, f"... {op} ..."), skip=0))

    def _dim(self, record: DimRecord) -> int:
        self.trace.dims.append(record)
        return len(self.trace.dims) - 1

    def used(self, kind: Any, dim: int, line: int = 40, code: str = "use(n)", **fields: Any) -> Leak:
        """Add a use of a dim."""
        site = self.site(line, code)
        self.trace.uses.append(use_of(kind, dim, **{"conversion": 0, "site": site, "expression": "n", **fields}))
        return self

    def failed(self, message: str, line: int = 40, call: FailedCall | None = None, kind: str = "ValueError") -> Leak:
        """End the conversion."""
        self.program.conversion.failure = Failure(kind, message, (self.site(line, "use(n)"),), call)
        return self

    def found(self, *codes: str) -> list[Finding]:
        """What the rules find in it, none of which fails; of these rules only, where some are named."""
        findings = rules.check(self.trace)
        assert not [note for note in map(str, self.trace.remarks) if "failed, and found nothing" in note]
        return [finding for finding in findings if not codes or finding.rule in codes]

    def told(self, *codes: str) -> list[tuple[str, str]]:
        """Rule and severity of each finding."""
        return [(finding.rule, finding.severity) for finding in self.found(*codes)]


def number(value: int, name: str = "") -> Given:
    """An int among the arguments of a call."""
    return Given("int", name, str(value))


def tensor(*shape: int, code: str = "", name: str = "", value: int = -1, reads: tuple[int, ...] = ()) -> Given:
    """A tensor among the arguments of a call."""
    return Given("Tensor", name, code=code, shape=shape, value=value, reads=reads)
