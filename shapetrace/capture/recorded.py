"""What recording a program leaves besides the conversion: where its tensors are in the record, and its table of expressions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from shapetrace.capture import identity
from shapetrace.capture.identity import Made
from shapetrace.trace import Conversion

_MAX_ELEMENTS = 64  # of a list attribute; a constant table longer than that tells nobody anything


class Expressions:
    """Fills the table of expressions of a conversion; each stands in it once."""

    def __init__(self, conversion: Conversion) -> None:
        self._table = conversion.expressions
        self._indices: dict[str, int] = {}

    def of(self, text: str) -> int:
        """Index of an expression, entered if new."""
        index = self._indices.get(text)
        if index is None:
            index = self._indices[text] = len(self._table)
            self._table.append(text)
        return index


class Recorded:
    """A program's ops and values in a conversion, and how to find them by the ids Paddle gives them."""

    def __init__(self) -> None:
        self.values: dict[Made | None, int] = {}
        """What `identity.made` says of a tensor to index into `Conversion.values`."""
        self.slots: dict[int, str] = {}
        """Index into `Conversion.values` to what a table of shapes calls the value."""
        self.pointers: dict[str, int] = {}
        """Of a program of 3.x: what tells a value from others to index into `Conversion.values`."""

    def position(self, tensor: Any) -> int:
        """Index of a tensor's record; -1 where it is not in the program.

        After a loop, Paddle 3.3 now and then returns the result of an op that it has erased. Asking such a result for its
        op, or even whether it is initialized, ends the process, so it is only compared with those that are there.
        """
        if hasattr(tensor, "get_defining_op"):
            try:
                return self.pointers.get(tensor.id, -1)
            except ValueError:  # it stands for an operand that is absent, and has none
                return -1
        made = identity.made(tensor)
        return self.values.get(made, -1) if made is not None else -1


def plain(value: Any) -> Any:
    """An attribute as plain data."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value[:_MAX_ELEMENTS]]
        return [*items, f"... {len(value)} in all"] if len(value) > _MAX_ELEMENTS else items
    return _printed(value) if type(value).__hash__ is not None else str(value)


@lru_cache(maxsize=256)
def _printed(value: Any) -> str:
    """Text of an enumerator of Paddle's: there are few, and each takes long to print."""
    return str(value)
