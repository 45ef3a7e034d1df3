"""Traces of leaks written by hand, without Paddle: a few lines of a user's code, and what became of the dims in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapetrace import Trace
from shapetrace.trace import DimRecord, DimRef, Site, Skip
from tests.example_traces import Program
from uses import use_of

FILE = "/home/ann/model.py"


@dataclass
class Leaks:
    """Writes dims and their uses into a trace with one conversion of one input `x`.

    Attributes:
        shape: The expressions of the input's shape, separated by `; `.
    """

    shape: str = "S0; S1; 4"
    trace: Trace = field(default_factory=Trace)

    def __post_init__(self) -> None:
        self.program = Program(self.trace, "forward")
        self.program.file = FILE
        self.tensor = self.program.input("x", self.shape)
        self.trace.skips.append(Skip("partial", "core"))

    def site(self, line: int, code: str, column: int = 4) -> int:
        return self.program.site(Site(FILE, line, column, line, column + len(code), code, "core"))

    def read(self, axis: int, line: int = 1, code: str = "x.shape") -> int:
        """`x.shape[axis]`, as an int."""
        record = DimRecord(-1, "read", (), self.program.index, self.tensor, axis, self.site(line, code), 0)
        self.trace.dims.append(record)
        return len(self.trace.dims) - 1

    def computed(self, op: str, left: int | DimRef, right: int | DimRef, value: int, code: str, line: int = 2) -> int:
        """A dim computed from others."""
        record = DimRecord(value, op, (left, right), site=self.site(line, code), skip=0)
        self.trace.dims.append(record)
        return len(self.trace.dims) - 1

    def used(self, dim: int, op: str, argument: str, line: int = 3, **more: Any) -> int:
        """The dim as an argument of an op."""
        more = {"kind": "op", "index": 0, "expression": self.trace.sites[self.trace.dims[dim].site].code, **more}
        code = more.pop("code", f"paddle.{op}([n])")
        kind, site = more.pop("kind"), self.site(line, code)
        self.trace.uses.append(
            use_of(kind, dim, conversion=self.program.index, site=site, op=op, argument=argument, **more)
        )
        return len(self.trace.uses) - 1
