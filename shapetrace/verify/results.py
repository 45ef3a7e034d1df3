"""What a verification found, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Difference:
    """The first output that is not the same."""

    output: str
    """Its name in what the model returns: `bbox`, `[1]`, `[0].scores`; empty where there is only one."""
    kind: str
    """`count`, `shape`, `dtype`, `values` or `rows`."""
    message: str
    """What differs, as the end of a sentence that starts with the output."""


@dataclass(frozen=True)
class Failure:
    """The exported model raised, and where that was."""

    message: str
    op: str = ""
    """Name of the op that raised; empty where it could not be found."""
    operands: tuple[str, ...] = ()
    """Shapes of what the op was given: symbolic where known, and actual."""
    layer: str = ""
    line: str = ""
    """The user's line that made the op, `file.py:12: code`."""


@dataclass(frozen=True)
class Run:
    """One run at one choice of sizes."""

    sizes: Mapping[str, int]
    difference: Difference | None = None
    failure: Failure | None = None
    skipped: str = ""
    """Why nothing was compared: what the model itself raised at these sizes."""
    largest: float = 0.0
    """The largest absolute difference of any value."""
    reordered: tuple[str, ...] = ()
    """Outputs whose rows came in another order, and are the same otherwise."""

    @property
    def ok(self) -> bool:
        """Whether both ran and gave the same."""
        return self.difference is None and self.failure is None and not self.skipped


@dataclass
class Verification:
    """The runs. Raises nothing: ask `ok`, or print `text()`."""

    model: str
    runs: list[Run] = field(default_factory=list)
    refused: str = ""
    """What the export itself raised; then there are no runs."""

    @property
    def ok(self) -> bool:
        """Whether the export succeeded, something was compared, and all of it was the same."""
        compared = [run for run in self.runs if not run.skipped]
        return not self.refused and bool(compared) and all(run.ok for run in compared)

    def text(self) -> str:
        """The result as people read it, one line a run."""
        if self.refused:
            return f"{self.model}: cannot be exported: {self.refused}\n"
        verdict = "the exported model gives the same" if self.ok else "the exported model does NOT give the same"
        return "\n".join([f"{self.model}: {verdict}", *(f"  {_line(run)}" for run in self.runs)]) + "\n"


def _line(run: Run) -> str:
    sizes = ", ".join(f"{name}={size}" for name, size in run.sizes.items()) or "no unknown dims"
    if run.skipped:
        return f"{sizes}: not compared, the model itself fails at these sizes: {run.skipped}"
    if run.failure is not None:
        return f"{sizes}: the exported model fails: {_failure(run.failure)}"
    if run.difference is not None:
        return f"{sizes}: {run.difference.output or 'the output'} {run.difference.message}"
    order = f", rows of {', '.join(run.reordered)} in another order" if run.reordered else ""
    return f"{sizes}: same (largest difference {run.largest:.3g}{order})"


def _failure(failure: Failure) -> str:
    if not failure.op:
        return failure.message
    operands = f" of {' and '.join(failure.operands)}" if failure.operands else ""
    place = "".join(
        [f"\n      layer {failure.layer}" if failure.layer else "", f"\n      {failure.line}" * bool(failure.line)]
    )
    return f"{failure.op}{operands}: {failure.message}{place}"
