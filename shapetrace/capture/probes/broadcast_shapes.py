"""What `paddle.broadcast_shape` makes of dims that Paddle's own code has read: it computes in C, and knows plain numbers only."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from shapetrace.capture.guarding import guard
from shapetrace.dim import Dim

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction


def watch_broadcast_shapes(listener: Listener, transaction: Transaction) -> None:
    """Have what is unknown in its results remember the two that it comes from."""
    from paddle.base import core

    original = core.broadcast_shape

    def broadcast_shape(x_shape: Any, y_shape: Any) -> Any:
        shape = original(x_shape, y_shape)
        with guard(listener.fault, "a broadcast shape could not be followed"):
            pairs = zip_longest(reversed(x_shape), reversed(y_shape), fillvalue=1)
            known = [_followed(listener, size, pair) for size, pair in zip(reversed(shape), pairs, strict=True)]
            return known[::-1]
        return shape

    transaction.set(core, "broadcast_shape", broadcast_shape)


def _followed(listener: Listener, size: int, pair: tuple[Any, Any]) -> int:
    followed: int = size
    if size < 0 and any(isinstance(dim, Dim) for dim in pair):
        followed = listener.tape.derived("broadcast", pair, size)
    return followed
