"""Where in a program of Paddle 3.x a tensor was seen, and what can be used at the place where Paddle is building.

Paddle may have erased an op since its result was seen, and asking such a result anything crashes the process. So
nothing is asked: an op is alive and in scope exactly if its id is found by walking the blocks around the place.
`legacy_places.py` is the same for Paddle 2.6.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from shapetrace.dim import Origin


class Seen:
    """A tensor whose shape was read, and what tells it from others.

    Attributes:
        origin: The read; kept alive, since what is remembered is found by its id.
        tensor: The tensor.
        key: Equal for the same tensor.
    """

    def __init__(self, origin: Origin, tensor: Any) -> None:
        op = tensor.get_defining_op()
        self.origin = origin
        self.tensor = tensor
        self.op: int | None = op.id() if op is not None else None  # None for an argument of a block
        self.key: tuple[Hashable, ...] = (self.op, _result(op, tensor) if op is not None else id(origin))

    def is_now(self, tensor: Any) -> bool:
        """Whether this is `tensor`, which is in use and so can be asked."""
        op = tensor.get_defining_op()
        return op is not None and self.key == (op.id(), _result(op, tensor))


class Scope:
    """What the place where Paddle is building can use: what its block and those around it hold."""

    def __init__(self) -> None:
        from paddle.base.libpaddle import pir

        self._blocks: list[Any] = []
        block = pir.get_current_insertion_point().block()
        while block is not None:
            self._blocks.append(block)
            block = block.parent_block
        self._ops: set[int] = {op.id() for block in self._blocks for op in block.ops}

    def sees(self, read: Seen) -> bool:
        """Whether the tensor can be used here, with the size that was read; so can an argument of one of the blocks."""
        if read.op is not None:
            return read.op in self._ops
        return any(argument.is_same(read.tensor) for block in self._blocks for argument in block.args())

    def shape_of(self, read: Seen) -> Any:
        """The shape of a tensor in scope, as a tensor."""
        import paddle

        return paddle.shape(read.tensor)

    def built(self, tensor: Any) -> int:
        """What to know a tensor by that was just built here."""
        op: int = tensor.get_defining_op().id()
        self._ops.add(op)
        return op

    def holds(self, built: int) -> bool:
        """Whether such a tensor can be used here."""
        return built in self._ops


def _result(op: Any, tensor: Any) -> int:
    """Which result of its op a tensor is."""
    if op.num_results() == 1:
        return 0
    return next(index for index, result in enumerate(op.results()) if result.is_same(tensor))
