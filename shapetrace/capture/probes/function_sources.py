"""Reads the source of each function once while something is being converted.

Paddle looks up the source of a function for each layer that has it, though the many layers of a model are of few classes: `inspect` reads
it token by token each time. Like `call_stacks.py`, this pays for what a watch costs (docs/performance.md).
"""

from __future__ import annotations

import inspect
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.guarding import guard
from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction


def read_once(listener: Listener, transaction: Transaction) -> None:
    """Have `inspect.getsourcelines` read each function once for as long as the transaction lasts."""
    original = inspect.getsourcelines
    read: dict[int, tuple[list[str], int, CodeType]] = {}  # code of two files may be equal: by id, and kept

    def getsourcelines(object: Any) -> tuple[list[str], int]:
        code = None
        with guard(listener.fault, "the source of a function could not be kept"):
            code = _code(object)
            if (known := read.get(id(code))) is not None:
                return list(known[0]), known[1]
        try:
            lines, number = original(object)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        if code is not None:
            read[id(code)] = list(lines), number, code
        return lines, number

    transaction.set(inspect, "getsourcelines", getsourcelines)


def _code(function: Any) -> CodeType | None:
    """The code that the source of a function is of; None for what is no plain function, or stands for another one."""
    if type(function) is MethodType:
        function = function.__func__
    if type(function) is not FunctionType or hasattr(function, "__wrapped__"):
        return None
    return function.__code__
