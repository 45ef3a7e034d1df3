"""Rebuilds an unknown dim as the tensor it stands for, in the program that is being built.

`paddle.shape(x)[axis]` for a read, and the same operations on tensors for what Python computed from it (`operations.py`). A tensor is
reused wherever the block it was built in encloses the place that wants it, so that six decoder layers that ask for the
same dim get it once, and nothing built inside an `if` is used outside of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from shapetrace.capture import identity
from shapetrace.dim import REMEMBERING, AnyDim, Dim, Stand, value_of
from shapetrace.remedies.symbolic import legacy_places, operations, places
from shapetrace.remedies.symbolic.answers import UNDEFINED
from shapetrace.remedies.symbolic.standing import is_number


class _Built(NamedTuple):
    tensor: Any
    place: Any
    """What `Scope` knows it by."""


class Tensors:
    """The dims of one watch, as tensors."""

    def __init__(self) -> None:
        self.tape: Any = None
        """The tape of the watch, once a dim was read."""
        self._seen: dict[int, places.Seen] = {}
        self._built: dict[Hashable, list[_Built]] = {}

    def remember(self, tensor: Any, sizes: Sequence[int]) -> None:
        """Some dims of `tensor` were just read: keep what is needed to read them as tensors later."""
        for size in sizes:
            if type(size) is Dim:
                self.tape = size.tape
                self.tape.undefined = UNDEFINED
                self._seen[id(size.origin)] = _places().Seen(size.origin, tensor)

    def is_axis(self, dim: AnyDim, tensor: Any, axis: int) -> bool:
        """Whether `dim` is nothing but the size of that axis of `tensor`, which is in use."""
        read = self._seen.get(id(dim.origin))
        return read is not None and dim.origin.axis == axis and read.is_now(tensor)

    def of(self, number: AnyDim) -> Any:
        """The tensor that a number stands for, at the place where Paddle is building now.

        Returns:
            A tensor of integers for a whole number, as `paddle.shape` has them, of float64 for any other. None where
            there is none: a dim of another conversion, of a tensor that cannot be reached from here, or computed in a
            way that tensors have no operation for.
        """
        return self._tensor(number, _places().Scope())

    def cast(self, number: AnyDim, dtype: Any) -> Any:
        """The same in another dtype."""
        scope = _places().Scope()
        tensor = self._tensor(number, scope)
        if tensor is None or str(tensor.dtype) == str(dtype):
            return tensor
        key = self._key(number)
        return self._once(("cast", str(dtype), key), scope, lambda: tensor.astype(dtype))

    def _tensor(self, number: AnyDim, scope: places.Scope) -> Any:
        if self._key(number) is None or not self._reachable(number, scope):
            return None
        return self._build(number, scope)

    def _key(self, number: Any) -> Hashable:
        """Equal for what is the same number for the same reason; None for what cannot be rebuilt."""
        if not isinstance(number, REMEMBERING):
            return (type(number).__name__, _bare(number)) if is_number(number) else None
        origin = number.origin
        if origin.op == "read":
            read = self._seen.get(id(origin))
            return ("read", *read.key, origin.axis) if read is not None else None
        keys = tuple(self._key(operand) for operand in origin.operands)
        return (origin.op, is_whole(number), *keys) if None not in keys and _explains(number) else None

    def _reachable(self, number: Any, scope: places.Scope) -> bool:
        if not isinstance(number, REMEMBERING):
            return True
        if number.origin.op == "read":
            return scope.sees(self._seen[id(number.origin)])
        return all(self._reachable(operand, scope) for operand in number.origin.operands)

    def _build(self, number: AnyDim, scope: places.Scope) -> Any:
        return self._once(self._key(number), scope, lambda: self._anew(number, scope))

    def _anew(self, number: AnyDim, scope: places.Scope) -> Any:
        origin = number.origin
        if origin.op == "read":
            read = self._seen[id(origin)]
            return self._once(("shape", *read.key), scope, lambda: scope.shape_of(read))[origin.axis]
        operands = [
            self._build(item, scope) if isinstance(item, REMEMBERING) else _bare(item) for item in origin.operands
        ]
        op = operations.known(origin.op)
        if operations.is_exact(op) and all(map(is_whole, (number, *origin.operands))):
            return operations.exact(op, operands)
        return operations.floating(op, operands, is_whole(number))

    def _once(self, key: Hashable, scope: places.Scope, build: Callable[[], Any]) -> Any:
        for built in self._built.get(key, ()):
            if scope.holds(built.place):
                return built.tensor
        tensor = build()
        tensor.stop_gradient = True
        self._built.setdefault(key, []).append(_Built(tensor, scope.built(tensor)))
        return tensor


def is_whole(number: Any) -> bool:
    """Whether something is a whole number, or an array of them."""
    if isinstance(number, Stand):
        return getattr(getattr(number.value, "dtype", None), "kind", "") in ("i", "u")
    return isinstance(_bare(number), int)


def _bare(number: Any) -> Any:
    """A plain number of Python's for one of NumPy's."""
    return number.item() if type(number).__module__ == "numpy" else number


def _explains(number: AnyDim) -> bool:
    """Whether tensors can compute a number as Python did: they have no `pow(h, 2, 7)` and no `round(h, -1)`."""
    operands = [_plain(operand) for operand in number.origin.operands]
    value = _plain(number)
    try:
        result = operations.plainly(operations.known(number.origin.op), operands)
    except KeyError:
        return False
    if hasattr(value, "__len__"):
        return list(result) == list(value)
    if result is None or isinstance(result, complex) or result != result:  # there may be a value for real sizes
        return _is_undefined(value) or result == value
    return bool(result == value)


def _is_undefined(value: Any) -> bool:
    """Whether a value stands for none: NumPy's `nan`, or what `answers.py` has in its place."""
    return isinstance(value, complex) or value in (UNDEFINED, math.inf, -math.inf) or value != value


def _plain(number: Any) -> Any:
    return number.value if isinstance(number, Stand) else value_of(number)


def _places() -> Any:
    """What knows the kind of program that is being built."""
    return places if identity.is_pir() else legacy_places
