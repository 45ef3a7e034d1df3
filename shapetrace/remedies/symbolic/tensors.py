"""Rebuilds an unknown dim as the tensor it stands for, in the program that is being built.

`paddle.shape(x)[axis]` for a read, and the same operations on tensors for what Python computed from it. A tensor is
reused wherever the block it was built in encloses the place that wants it, so that six decoder layers that ask for the
same dim get it once, and nothing built inside an `if` is used outside of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from shapetrace.capture import makers
from shapetrace.dim import REMEMBERING, Dim, value_of
from shapetrace.remedies.symbolic import legacy_places, places


class _Built(NamedTuple):
    tensor: Any
    place: Any
    """What `Reach` knows it by."""


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
}
"""What the operations of `Origin.op` are, on ints and on tensors alike (`pos` aside, which is its operand)."""
_BITS = frozenset("&|^")  # of which Paddle wants both operands as tensors
_DIVISIONS = frozenset({"//", "%"})  # of which Paddle 2.6 does
_LEGACY: dict[str, Callable[..., Any]] = {
    "<<": lambda left, right: left * 2**right,
    ">>": lambda left, right: left // 2**right,
    "abs": lambda operand: operand.abs(),
}
"""Those that tensors of Paddle 2.6 have no operator for."""


class Tensors:
    """The dims of one watch, as tensors."""

    def __init__(self) -> None:
        self._seen: dict[int, places.Seen] = {}
        self._built: dict[Hashable, list[_Built]] = {}

    def remember(self, tensor: Any, sizes: Sequence[int]) -> None:
        """Some dims of `tensor` were just read: keep what is needed to read them as tensors later."""
        for size in sizes:
            if type(size) is Dim:
                self._seen[id(size.origin)] = _places().Seen(size.origin, tensor)

    def is_axis(self, dim: Dim, tensor: Any, axis: int) -> bool:
        """Whether `dim` is nothing but the size of that axis of `tensor`, which is in use."""
        seen = self._seen.get(id(dim.origin))
        return seen is not None and dim.origin.axis == axis and seen.is_now(tensor)

    def of(self, dim: Dim) -> Any:
        """The dim as a 0-d tensor of integers, as `paddle.shape` has them, at the place where Paddle is building now.

        Returns:
            The tensor, or None where there is none: a dim of another conversion, of a tensor that cannot be reached
            from here, or computed in a way that tensors have no operation for.
        """
        return self._tensor(dim, _places().Reach())

    def cast(self, dim: Dim, dtype: Any) -> Any:
        """The same in another dtype."""
        reach = _places().Reach()
        tensor = self._tensor(dim, reach)
        if tensor is None or str(tensor.dtype) == str(dtype):
            return tensor
        key = self._key(dim)
        return self._once(("cast", str(dtype), key), reach, lambda: tensor.astype(dtype))

    def _tensor(self, dim: Dim, reach: places.Reach) -> Any:
        if self._key(dim) is None or not self._reachable(dim, reach):
            return None
        return self._build(dim, reach)

    def _key(self, dim: int) -> Hashable:
        """Equal for dims that are the same number for the same reason; None for what cannot be rebuilt."""
        if not isinstance(dim, Dim):
            return None if isinstance(dim, REMEMBERING) else dim
        origin = dim.origin
        if origin.op == "read":
            seen = self._seen.get(id(origin))
            return ("read", *seen.key, origin.axis) if seen is not None else None
        keys = tuple(self._key(operand) for operand in origin.operands)
        return (origin.op, *keys) if None not in keys and _explains(dim) else None

    def _reachable(self, dim: int, reach: places.Reach) -> bool:
        if not isinstance(dim, Dim):
            return True
        if dim.origin.op == "read":
            return reach.sees(self._seen[id(dim.origin)])
        return all(self._reachable(operand, reach) for operand in dim.origin.operands)

    def _build(self, dim: Dim, reach: places.Reach) -> Any:
        return self._once(self._key(dim), reach, lambda: self._anew(dim, reach))

    def _anew(self, dim: Dim, reach: places.Reach) -> Any:
        import paddle

        origin = dim.origin
        if origin.op == "read":
            seen = self._seen[id(origin)]
            return self._once(("shape", *seen.key), reach, lambda: reach.shape_of(seen))[origin.axis]
        operands = [self._build(item, reach) if isinstance(item, Dim) else int(item) for item in origin.operands]
        if origin.op == "pos":
            return operands[0]
        legacy = not makers.is_pir()
        if origin.op in (_BITS | _DIVISIONS if legacy else _BITS):
            dtype = next(item.dtype for item in operands if not isinstance(item, int))
            operands = [paddle.full([], item, dtype) if isinstance(item, int) else item for item in operands]
        return (_PLAIN | _LEGACY if legacy else _PLAIN)[origin.op](*operands)

    def _once(self, key: Hashable, reach: places.Reach, build: Callable[[], Any]) -> Any:
        for built in self._built.get(key, ()):
            if reach.holds(built.place):
                return built.tensor
        tensor = build()
        tensor.stop_gradient = True
        self._built.setdefault(key, []).append(_Built(tensor, reach.built(tensor)))
        return tensor


def _explains(dim: Dim) -> bool:
    """Whether tensors can compute a dim as Python did: they have no `pow(h, 2, 7)` and no `round(h, -1)`."""
    call = _PLAIN.get(dim.origin.op)
    operands = [value_of(operand) for operand in dim.origin.operands]
    return call is not None and bool(call(*operands) == value_of(dim))


def _places() -> Any:
    """What knows the kind of program that is being built."""
    return places if makers.is_pir() else legacy_places
