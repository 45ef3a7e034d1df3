"""A recorded program as the probes ask about it: what was recorded of a tensor, and an argument as data."""

from __future__ import annotations

from typing import Any, NamedTuple

from shapetrace.capture import identity
from shapetrace.capture.recorded import Recorded
from shapetrace.capture.source import dim_tensors
from shapetrace.capture.source.sites import Sites
from shapetrace.trace import Conversion, Given

_MOST_ITEMS = 32
_MOST_TEXT = 60


class RecordedProgram(NamedTuple):
    """A recorded program, and how to find what was recorded of a tensor."""

    conversion: Conversion
    recorded: Recorded
    sites: Sites

    def given(self, value: Any, name: str = "", code: str = "") -> Given:
        """An argument as data."""
        if is_tensor(value):
            position = self.recorded.position(value)
            shape = self.conversion.values[position].shape if position >= 0 else _shape(value)
            held = dim_tensors.held(self.conversion, position)
            reads = dim_tensors.read_sites(self.conversion, self.sites, held.reads) if held is not None else ()
            return Given("Tensor", name, self._kind(position), code, shape, position, reads=reads)
        if isinstance(value, list | tuple):
            items = tuple(self.given(item) for item in value[:_MOST_ITEMS])
            return Given("list" if isinstance(value, list) else "tuple", name, code=code, items=items)
        if isinstance(value, int) and not isinstance(value, bool):
            return Given("int", name, int.__repr__(value), code)
        plain = isinstance(value, bool | float | str) or value is None
        return Given(type(value).__name__, name, repr(value)[:_MOST_TEXT] if plain else "", code)

    def _kind(self, position: int) -> str:
        if position < 0:
            return ""
        maker = self.conversion.ops[self.conversion.values[position].op].name
        return "parameter" if maker == "builtin.parameter" else ""


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of Paddle's: of a program, or one that holds numbers."""
    if identity.is_symbolic(value):
        return True
    return type(value).__module__.startswith("paddle") and hasattr(value, "is_dense")


def _shape(tensor: Any) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in tensor.shape)
    except (TypeError, ValueError):  # a tensor without a shape, such as an array of tensors
        return ()
