"""Rebuilds an unknown dim as the tensor it stands for, in the program that is being built.

`paddle.shape(x)[axis]` for a read, and the same operations on tensors for what Python computed from it. A tensor is
reused wherever the block it was built in encloses the place that wants it, so that six decoder layers that ask for the
same dim get it once, and nothing built inside an `if` is used outside of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from shapetrace.dim import Dim, Origin, value_of


class _Seen(NamedTuple):
    """A tensor whose shape was read, and what tells it from others."""

    origin: Origin  # kept alive: what is remembered is found by its id
    tensor: Any
    op: int | None
    """Id of the op that made it; None for an argument of a block."""
    result: int
    """Which result of that op it is."""


class _Built(NamedTuple):
    tensor: Any
    op: int


_PLAIN: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "~": operator.invert,
    "neg": operator.neg,
    "abs": operator.abs,
    "pos": operator.pos,
    "round": operator.pos,
}
"""What the operations of `Origin.op` are, on ints and on tensors alike (`pos` aside, which is its operand)."""
_BITS = frozenset("&|^")  # of which Paddle wants both operands as tensors


class Tensors:
    """The dims of one watch, as tensors."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._built: dict[Hashable, list[_Built]] = {}

    def remember(self, tensor: Any, sizes: list[int]) -> None:
        """Some dims of `tensor` were just read: keep what is needed to read them as tensors later."""
        op = tensor.get_defining_op()
        made_by, result = (op.id(), _result(op, tensor)) if op is not None else (None, 0)
        for size in sizes:
            if type(size) is Dim:
                self._seen[id(size.origin)] = _Seen(size.origin, tensor, made_by, result)

    def is_axis(self, dim: Dim, tensor: Any, axis: int) -> bool:
        """Whether `dim` is nothing but the size of that axis of `tensor`, which is in use."""
        seen = self._seen.get(id(dim.origin))
        op = tensor.get_defining_op()
        if seen is None or op is None or dim.origin.axis != axis:
            return False
        return bool(seen.op == op.id() and seen.result == _result(op, tensor))

    def of(self, dim: Dim) -> Any:
        """The dim as a 0-d int64 tensor, at the place where Paddle is building now.

        Returns:
            The tensor, or None where there is none: a dim of another conversion, of a tensor that cannot be reached
            from here, or computed in a way that tensors have no operation for.
        """
        return self._tensor(dim, _Reach())

    def cast(self, dim: Dim, dtype: Any) -> Any:
        """The same in another dtype."""
        reach = _Reach()
        tensor = self._tensor(dim, reach)
        if tensor is None or str(tensor.dtype) == str(dtype):
            return tensor
        key = self._key(dim)
        return self._once(("cast", str(dtype), key), reach, lambda: tensor.astype(dtype))

    def _tensor(self, dim: Dim, reach: _Reach) -> Any:
        if self._key(dim) is None or not self._reachable(dim, reach):
            return None
        return self._build(dim, reach)

    def _key(self, dim: int) -> Hashable:
        """Equal for dims that are the same number for the same reason; None for what cannot be rebuilt."""
        if not isinstance(dim, Dim):
            return dim
        origin = dim.origin
        if origin.op == "read":
            seen = self._seen.get(id(origin))
            if seen is None:
                return None
            return "read", seen.op, seen.result if seen.op is not None else id(origin), origin.axis
        keys = tuple(self._key(operand) for operand in origin.operands)
        return (origin.op, *keys) if None not in keys and _explains(dim) else None

    def _reachable(self, dim: int, reach: _Reach) -> bool:
        if not isinstance(dim, Dim):
            return True
        if dim.origin.op == "read":
            seen = self._seen[id(dim.origin)]
            return seen.op in reach.ops if seen.op is not None else reach.holds_argument(seen.tensor)
        return all(self._reachable(operand, reach) for operand in dim.origin.operands)

    def _build(self, dim: Dim, reach: _Reach) -> Any:
        return self._once(self._key(dim), reach, lambda: self._anew(dim, reach))

    def _anew(self, dim: Dim, reach: _Reach) -> Any:
        import paddle

        origin = dim.origin
        if origin.op == "read":
            tensor = self._seen[id(origin)].tensor
            of = ("shape", *self._key(dim)[1:3])  # type: ignore[index]  # of a read it is a tuple
            return self._once(of, reach, lambda: paddle.shape(tensor))[origin.axis]
        operands = [self._build(item, reach) if isinstance(item, Dim) else int(item) for item in origin.operands]
        if origin.op in ("pos", "round"):
            return operands[0]
        if origin.op in _BITS:
            operands = [paddle.full([], item, "int64") if isinstance(item, int) else item for item in operands]
        return _PLAIN[origin.op](*operands)

    def _once(self, key: Hashable, reach: _Reach, build: Callable[[], Any]) -> Any:
        for built in self._built.get(key, ()):
            if built.op in reach.ops:
                return built.tensor
        tensor = build()
        tensor.stop_gradient = True
        made_by = tensor.get_defining_op().id()
        reach.ops.add(made_by)
        self._built.setdefault(key, []).append(_Built(tensor, made_by))
        return tensor


class _Reach:
    """What the place where Paddle is building can use: what its block and those around it hold.

    Paddle may have erased an op since its result was seen, and asking such a result anything crashes the process. So
    nothing is asked: an op is alive and in reach exactly if its id is found by walking these blocks.
    """

    def __init__(self) -> None:
        from paddle.base.libpaddle import pir

        self._blocks: list[Any] = []
        block = pir.get_current_insertion_point().block()
        while block is not None:
            self._blocks.append(block)
            block = block.parent_block
        self.ops: set[int] = {op.id() for block in self._blocks for op in block.ops}

    def holds_argument(self, tensor: Any) -> bool:
        """Whether `tensor` is an argument of one of the blocks, as the variables of a `while` are."""
        return any(argument.is_same(tensor) for block in self._blocks for argument in block.args())


def _result(op: Any, tensor: Any) -> int:
    """Which result of its op a tensor is."""
    if op.num_results() == 1:
        return 0
    return next(index for index, result in enumerate(op.results()) if result.is_same(tensor))


def _explains(dim: Dim) -> bool:
    """Whether an origin says all there is to how a dim was computed: `pow(h, 2, 7)` and `round(h, -1)` have more."""
    call = _PLAIN.get(dim.origin.op)
    operands = [value_of(operand) for operand in dim.origin.operands]
    return call is not None and bool(call(*operands) == value_of(dim))
