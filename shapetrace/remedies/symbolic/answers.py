"""Has Python functions that choose by a number, or have no result for -1, return a number that remembers: `max(n, 1)`, `math.sqrt(n)`.

Python would choose, raise, or go on with a complex number or `nan`, before the number reaches an op and can be healed there. What a
function is given that is no unknown dim it answers as ever.
"""

from __future__ import annotations

import builtins
import functools
import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.source import frames
from shapetrace.dim import REMEMBERING, AnyDim, value_of
from shapetrace.remedies.symbolic.standing import Standing, is_number

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape
    from shapetrace.patching import Transaction

UNDEFINED = -1.0
"""Stands for a value that there is none of: as wrong as the -1 that it comes from."""
RAISING = ("sqrt", "log", "log2", "log10", "log1p", "pow", "isqrt")
"""Functions of `math` that raise for a number below zero."""
_CHOOSING = ("max", "min")


def install(transaction: Transaction, tape: Callable[[], Tape | None]) -> None:
    """Have them answer until the transaction is undone.

    Args:
        transaction: Takes it back.
        tape: The tape of the watch, once a dim was read.
    """
    for name in _CHOOSING:
        transaction.set(builtins, name, _answering(getattr(builtins, name), tape))
    _replace(
        {function: _answering(function, tape) for function in (getattr(math, name) for name in RAISING)}, transaction
    )


def _replace(answers: dict[Callable[..., Any], Callable[..., Any]], transaction: Transaction) -> None:
    """Put functions in the place of those of `math`, there and where users' modules have imported them."""
    transaction.callback(functools.partial(_give_back, answers))
    ids = {id(function): answer for function, answer in answers.items()}
    for module in list(sys.modules.values()):
        held = {
            name: ids[id(value)] for name, value in list(getattr(module, "__dict__", {}).items()) if id(value) in ids
        }
        if held and (module is math or frames.kind(str(getattr(module, "__file__", None) or "<none>")) is frames.USER):
            for name, answer in held.items():
                transaction.set(module, name, answer)


def _give_back(answers: dict[Callable[..., Any], Callable[..., Any]]) -> None:
    """Put the functions of `math` into modules that have imported what stood for them: `from math import sqrt`."""
    functions = {id(answer): function for function, answer in answers.items()}
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if id(value) in functions:
                setattr(module, name, functions[id(value)])


def _answering(function: Callable[..., Any], tape: Callable[[], Tape | None]) -> Callable[..., Any]:
    """A function that remembers what it makes of unknown dims."""
    import paddle

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        current = tape()
        if current is not None and not current.closed and args and not kwargs:
            stand = _remembered(function, args, current, sys._getframe(1))
            if stand is not None:
                return stand
        try:
            return function(*args, **kwargs)
        except Exception as error:
            frames.leave_no_frame(error)
            raise

    # What dims are asked in here, by `max` with a key, the user's code asks: like a frame of `dim.py` this one is passed over.
    plain: Any = answer
    plain.__code__ = plain.__code__.replace(co_filename=value_of.__code__.co_filename)
    paddle.jit.not_to_static(answer)
    return answer


def _remembered(function: Callable[..., Any], args: tuple[Any, ...], tape: Tape, frame: FrameType) -> AnyDim | None:
    """What a function makes of dims, if any is among what it is given and all of it are numbers."""
    listed = function.__name__ in _CHOOSING and len(args) == 1 and isinstance(args[0], list | tuple)
    values: Any = args[0] if listed else args
    if not frames.users(frame) or not all(map(is_number, values)):
        return None
    standing = Standing(tape, frame, args)
    stands = [standing.of(value) for value in values]
    numbers = tuple(value if stand is None else stand for value, stand in zip(values, stands, strict=True))
    if not any(isinstance(number, REMEMBERING) for number in numbers):
        return None
    plain = [value_of(value) for value in values]
    try:
        value = function(*plain)
    except (ValueError, OverflowError):
        value = int(UNDEFINED) if function.__name__ == "isqrt" else UNDEFINED
    stand = tape.lose(frame, function.__name__, numbers, value, "" if function.__name__ in _CHOOSING else "math")
    if stand is not None:
        stand.origin.lost = False
        tape.entering.pop(id(frame), None)
    return stand
