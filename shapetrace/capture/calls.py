"""The calls of `paddle._C_ops` that built the programs of a watch, kept so that they can be made again (`replay.py`)."""

from __future__ import annotations

from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Calls:
    """Finds the call that made a tensor of a program. What is called on tensors with numbers in them is not kept."""

    def __init__(self) -> None:
        self._by_result: dict[str, Call] = {}

    def made(self, call: Call, result: Any) -> None:
        """A call gave a result."""
        first = result[0] if isinstance(result, list | tuple) and result else result
        if hasattr(first, "get_defining_op"):
            args = tuple(list(arg) if type(arg) is list else arg for arg in call.args)  # the caller may change a list
            self._by_result[first.id] = call._replace(args=args)

    def of(self, op: Any) -> Call | None:
        """The call that made an op; None where it was not seen."""
        for value in op.results():
            if value.initialized() and value.id in self._by_result:
                return self._by_result[value.id]
        return None

    def clear(self) -> None:
        """Forget all."""
        self._by_result.clear()
