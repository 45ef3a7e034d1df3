"""The same as `places.py` for the programs of Paddle 2.6, which are blocks of named variables.

Several ops may write a variable in turn: what `while` carries is assigned at the end of its body. So the shape of a
variable is taken in the block in which it was read, and only while nothing in that block has written it since.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from shapetrace.dim import Origin


class Seen:
    """A variable whose shape was read, and what tells its value from others.

    Attributes:
        origin: The read; kept alive, since what is remembered is found by its id.
        tensor: The variable.
        key: Equal for the same value of the same variable, read in the same block.
    """

    def __init__(self, origin: Origin, tensor: Any) -> None:
        self.origin = origin
        self.tensor = tensor
        self.block = tensor.block.program.current_block()
        self._ops = len(self.block.ops)
        self._writer = tensor.op  # kept alive, for its id
        self.key: tuple[Hashable, ...] = _key(tensor, self.block)

    def is_now(self, tensor: Any) -> bool:
        """Whether this is `tensor`, as it is now."""
        return self.key == _key(tensor, tensor.block.program.current_block())

    def overwritten(self) -> bool:
        """Whether an op of the block in which it was read has written it since."""
        return any(self.tensor.name in op.output_arg_names for op in self.block.ops[self._ops :])


class Scope:
    """What the place where Paddle is building can use: what its block and those around it hold."""

    def __init__(self) -> None:
        import paddle

        program = paddle.static.default_main_program()
        self._blocks: list[Any] = [program.current_block()]
        while self._blocks[-1].parent_idx >= 0:
            self._blocks.append(program.block(self._blocks[-1].parent_idx))

    def sees(self, read: Seen) -> bool:
        """Whether the variable was read in one of the blocks, and holds there what it held."""
        return self.holds(read.block) and not read.overwritten()

    def shape_of(self, read: Seen) -> Any:
        """The shape of a variable in scope, as a tensor of the block in which it was read."""
        import paddle

        with _building_in(read.block):
            return paddle.shape(read.tensor)

    def built(self, tensor: Any) -> Any:
        """What to know a tensor by that was just built here."""
        return tensor.block

    def holds(self, built: Any) -> bool:
        """Whether such a tensor can be used here."""
        return any(block is built for block in self._blocks)


def _key(tensor: Any, block: Any) -> tuple[Hashable, ...]:
    return tensor.name, id(tensor.op), id(block)


@contextmanager
def _building_in(block: Any) -> Iterator[None]:
    """Ops are appended to a block around the one that Paddle is building: they run before what is inside."""
    program = block.program
    was, program.current_block_idx = program.current_block_idx, block.idx
    try:
        yield
    finally:
        program.current_block_idx = was
