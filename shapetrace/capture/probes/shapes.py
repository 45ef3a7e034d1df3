"""The property `shape` of the tensors of a program (`paddle.pir.Value`, `paddle.static.Variable`): unknown dims reach Python as `Dim`s."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shapetrace.capture.guarding import guard
from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction

Getter = Callable[[Any], Any]
"""Gives the shape of a tensor, as Paddle has it."""


def watch_shapes(listener: Listener, transaction: Transaction, owner: type) -> Getter:
    """Watch the property `shape` of a class: the unknown dims in it become `Dim`s.

    Args:
        listener: Its tape is told.
        transaction: Takes it back.
        owner: The class of the tensors of a program.

    Returns:
        Paddle's own getter of it.
    """
    original = owner.__dict__["shape"]
    get = original.fget
    tape = listener.tape

    def shape(self: Any) -> Any:
        try:
            sizes = get(self)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        if tape.closed or not sizes or min(sizes) >= 0:
            return sizes
        dims = sizes if isinstance(sizes, list) else list(sizes)  # a tuple on 2.6, and it stays one
        with guard(listener.fault, "a dim could not be followed"):
            tape.read(self, dims, sys._getframe(1))
        return sizes if dims is sizes else tuple(dims)

    transaction.set(owner, "shape", property(shape, original.fset, original.fdel, original.__doc__))
    return get  # type: ignore[no-any-return]
