"""The static methods of Paddle's `ConcreteProgram` that every conversion goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shapetrace.patching import Transaction

_NAMES = ("pir_from_func_spec", "from_func_spec")
"""The one of the new program representation and the one of the old; 2.6.2 and 3.0 to 3.3 have both."""

Build = Callable[..., Any]


def wrap(transaction: Transaction, around: Callable[[Build], Build]) -> None:
    """Put a wrapper around each of them.

    Args:
        transaction: Takes the wrappers off.
        around: Makes the wrapper of a builder, which takes the function's spec, the input spec, the same by keyword, and
            the layer or None.
    """
    from paddle.jit.dy2static.program_translator import ConcreteProgram

    for name in _NAMES:
        if isinstance(build := vars(ConcreteProgram).get(name), staticmethod):
            transaction.set(ConcreteProgram, name, staticmethod(around(build.__func__)))
