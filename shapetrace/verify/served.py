"""Compares what an engine returned with what the model does.

Another engine adds up in another order, keeps a number as a tensor of one element, and knows fewer dtypes: none of that makes an
export wrong.
"""

from __future__ import annotations

from typing import Any

from shapetrace.said import Sentence, said
from shapetrace.verify import tolerance
from shapetrace.verify.comparing import Comparison


class Served(Comparison):
    """A comparison with what an engine returned."""

    reshaped: dict[str, Sentence]
    """Outputs that have one element in another rank, with what is to be said of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reshaped = {}

    def _limits(self, ours: Any, dtype: str) -> Any:
        if self.rtol is not None:
            return super()._limits(ours, dtype)
        return tolerance.served(ours, dtype) + tolerance.of(self.atol, {}, dtype)

    def _same_dtype(self, dtype: str, other: str) -> bool:
        """Whether both are floats, or integers, or truth values."""
        return dtype.rstrip("0123456789") == other.rstrip("0123456789") or {dtype, other} <= {"bool", "uint8"}

    def _in_shape(self, name: str, ours: Any, theirs: Any) -> Any:
        """A single number comes as `[1]` where the model gives `[]`: that is said, once, and the values are compared."""
        if ours.size == theirs.size == 1 and {ours.ndim, theirs.ndim} == {0, 1}:
            self.reshaped[name] = said(
                "{} is {} where the model gives {}", name or said("the output"), [*theirs.shape], [*ours.shape]
            )
            return theirs.reshape(ours.shape)
        return theirs
