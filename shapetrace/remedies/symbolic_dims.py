"""The remedy `symbolic-dims`, which `watch(heal=True)` and `--heal` stand for.

Code that the conversion did not rewrite reads an unknown dim as -1 and computes with that. A watch makes such a number
remember how it came about; this remedy has it enter the program as the tensor it stands for, exactly as rewritten code
would hand it over. So do floats computed of dims, and what `max`, `min`, `math` and NumPy make of them. It knows nothing of any model.
What Python itself decides on the number (a branch, a loop, the size of a list) is beyond it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shapetrace.errors import RemedyError
from shapetrace.plugin import Probe, Remedy, hookimpl
from shapetrace.said import said

if TYPE_CHECKING:
    from shapetrace.patching import Transaction
    from shapetrace.trace import Finding


class SymbolicDims(Remedy):
    """Hands unknown dims to ops as tensors."""

    name = "symbolic-dims"
    summary = "hands unknown dims to ops as the tensors they stand for, in place of numbers computed from -1"
    versions = "Paddle 2.6.2 and 3.0 to 3.3"
    specificity = 10
    rules = frozenset({"ST101", "ST102", "ST103", "ST301", "ST302", "ST601"})

    def probe(self) -> Probe:
        """Whether plain Python reads an unknown dim as a number here."""
        import paddle

        from shapetrace.probing import tiny_program, untouched

        if not _knows(paddle):
            return Probe("not-applicable", said("Paddle {} has no programs this remedy knows", paddle.__version__))
        with untouched(), tiny_program():
            size = paddle.static.data("x", [-1, 2], "float32").shape[0]
        if isinstance(size, int):
            return Probe(
                "present",
                said("code that is not rewritten reads an unknown dim as the number {}", int.__repr__(size)),
            )
        return Probe(
            "absent", said("an unknown dim is read as {} even in code that is not rewritten", type(size).__name__)
        )

    def apply(self, transaction: Transaction) -> None:
        """See `shapetrace.remedies.symbolic`."""
        import paddle

        from shapetrace.remedies.symbolic.entering import install

        if not _knows(paddle):
            raise RemedyError(said("it needs Paddle 2.6, or 3.0 or later, and {} is installed", paddle.__version__))
        install(transaction)

    def answers(self, finding: Finding) -> bool:
        """By its rule and, of floats, by what they are handed to; but not where the installed Paddle is too old for it."""
        paddle = sys.modules.get("paddle")
        return super().answers(finding) and _takes(finding) and (paddle is None or _knows(paddle))


def _takes(finding: Finding) -> bool:
    """Whether a tensor can take the place of the number."""
    from shapetrace.remedies.symbolic.answers import ANSWERED, RAISING

    if finding.rule == "ST601":
        return finding.sink is not None and finding.sink.op in ANSWERED
    if finding.rule not in ("ST301", "ST302"):
        return True
    from shapetrace.remedies.symbolic.healed_functions import OPERATORS, WITH_FRACTIONS

    answered = (f"math.{name}" for name in RAISING)
    return finding.sink is not None and finding.sink.op in WITH_FRACTIONS.union(OPERATORS, answered)


def _knows(paddle: Any) -> bool:
    return not re.match(r"2\.[0-5]\.", paddle.__version__)


@hookimpl
def shapetrace_remedies() -> Sequence[Remedy]:
    """The remedy."""
    return [SymbolicDims()]
