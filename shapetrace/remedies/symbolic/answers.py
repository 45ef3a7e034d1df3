"""Has Python functions answer for unknown dims: `max(n, 1)`, `math.sqrt(n)`.

Of a number they return one that remembers: Python would choose, raise, or go on with a complex number or `nan`, before the number
reaches an op and can be healed there. Of the tensor that rewritten code has for a dim they return a tensor, where Python would want
its number. What a function is given that is no unknown dim it answers as ever.
"""

from __future__ import annotations

import builtins
import functools
import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from shapetrace.capture import identity
from shapetrace.capture.source import frames
from shapetrace.dim import REMEMBERING, AnyDim, value_of
from shapetrace.remedies.symbolic import operations
from shapetrace.remedies.symbolic.standing import Standing, is_number

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape
    from shapetrace.patching import Transaction

UNDEFINED = -1.0
"""Stands for a value that there is none of: as wrong as the -1 that it comes from."""
RAISING = ("sqrt", "log", "log2", "log10", "log1p", "pow", "isqrt")
"""Functions of `math` that raise for a number below zero."""
_CHOOSING = ("max", "min")
_ROUNDING = ("ceil", "floor", "trunc")
_OF_TENSORS = ("divmod", "round")
"""Functions of Python that numbers which remember answer by themselves, and tensors do not."""
ANSWERED = frozenset([*_CHOOSING, *_OF_TENSORS, *(f"math.{name}" for name in (*RAISING, *_ROUNDING))])
"""Functions that take a tensor, as the user writes them; `math.pow` among them is written with two."""


def install(transaction: Transaction, tape: Callable[[], Tape | None]) -> None:
    """Have them answer until the transaction is undone.

    Args:
        transaction: Takes it back.
        tape: The tape of the watch, once a dim was read.
    """
    for name in (*_CHOOSING, *_OF_TENSORS):
        transaction.set(builtins, name, _answering(getattr(builtins, name), tape))
    functions = [getattr(math, name) for name in (*RAISING, *_ROUNDING)]
    _replace({function: _answering(function, tape) for function in functions}, transaction)


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
        result = _of_tensors(function, args) if args and not kwargs else None
        if result is not None:
            return result
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


def _of_tensors(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a function makes of dims that are tensors, if any is among what it is given and all the rest are numbers."""
    listed = len(args) == 1 and isinstance(args[0], list | tuple)
    values = list(args[0] if listed else args)
    if not any(map(_is_scalar, values)) or not all(_is_scalar(value) or is_number(value) for value in values):
        return None
    import paddle

    name = operations.known(function.__name__)
    if name == "divmod":
        return operations.exact("//", values), operations.exact("%", values)
    whole = all(isinstance(value, int) or (_is_scalar(value) and "int" in str(value.dtype)) for value in values)
    if whole and operations.is_exact(name):
        return operations.exact(name, values)
    if name == "round" and len(values) > 1:
        return None
    result = operations.floating(name, values, name in (*_ROUNDING, "round", "isqrt"))
    return result if "int" in str(result.dtype) else result.astype(paddle.get_default_dtype())


def _is_scalar(value: Any) -> bool:
    """Whether a value is a tensor of a program that holds one number."""
    return identity.is_symbolic(value) and identity.is_dense(value) and not value.shape


def _remembered(function: Callable[..., Any], args: tuple[Any, ...], tape: Tape, frame: FrameType) -> AnyDim | None:
    """What a function makes of dims, if any is among what it is given and all of it are numbers."""
    listed = function.__name__ in _CHOOSING and len(args) == 1 and isinstance(args[0], list | tuple)
    values: Any = args[0] if listed else args
    if function.__name__ in (*_OF_TENSORS, *_ROUNDING) or not frames.users(frame) or not all(map(is_number, values)):
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
