"""Exchanges the code of PaddleDetection's attention functions, and knows where to find them.

Known: PaddleDetection 2.8 (where RT-DETRv2 first appears) to the development branch of 2025. A function of the same
name with other parameters is refused rather than guessed at.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from shapetrace.errors import RemedyError
from shapetrace.plugin import Transaction, probing, said
from shapetrace_rtdetrv2 import attention, stand_ins

MODULE = "ppdet.modeling.transformers.utils"
"""Where PaddleDetection defines the functions."""

STAND_INS: dict[str, Any] = {
    "deformable_attention_core_func_v2": stand_ins.deformable_attention_core_func_v2,
    "deformable_attention_core_func": stand_ins.deformable_attention_core_func,
}


def of_modules(*, import_them: bool = False) -> list[FunctionType]:
    """The functions that PaddleDetection has; none where it is not imported.

    Raises:
        RemedyError: It was to be imported, and cannot be.
    """
    if import_them:
        try:
            importlib.import_module(MODULE)
        except ImportError as error:
            raise RemedyError(
                said("PaddleDetection cannot be imported ({}): install it, or pass the model", error)
            ) from None
    module = sys.modules.get(MODULE)
    found = [unwrapped(getattr(module, name, None)) for name in STAND_INS]
    return [function for function in found if isinstance(function, FunctionType)]


def of_model(model: Any) -> list[FunctionType]:
    """The functions that the layers of a model hold, in partials or as they are."""
    found: dict[int, FunctionType] = {}
    for layer in model.sublayers(include_self=True):
        for function in _held(layer):
            found[id(function)] = function
    return list(found.values())


def _held(layer: Any) -> Iterator[FunctionType]:
    for held in vars(layer).values():
        function = unwrapped(held)
        if isinstance(function, FunctionType) and function.__name__ in STAND_INS:
            yield function


def unwrapped(held: Any) -> Any:
    """What a partial holds, however often it was wrapped."""
    while isinstance(held, functools.partial):
        held = held.func
    return held


def repair(function: FunctionType, transaction: Transaction) -> None:
    """Have a function run the stand-in of its name.

    Raises:
        RemedyError: Its parameters are not the ones known.
    """
    import paddle

    stand_in = STAND_INS[function.__name__]
    ours, theirs = inspect.signature(stand_in), inspect.signature(function)
    if [(each.name, each.kind, each.default) for each in ours.parameters.values()] != [
        (each.name, each.kind, each.default) for each in theirs.parameters.values()
    ]:
        raise RemedyError(
            said(
                "{}.{} has the parameters {}; the ones known are {}",
                function.__module__,
                function.__name__,
                theirs,
                ours,
            )
        )
    if function.__code__ is stand_in.__code__:
        return
    if function.__code__.co_freevars:
        raise RemedyError(
            said("{}.{} is a closure, whose code cannot be exchanged", function.__module__, function.__name__)
        )
    for ready_as_it_stands in (attention.attend, attention.attend_evenly):
        paddle.jit.not_to_static(ready_as_it_stands)
    # Paddle keeps what it has converted by function, not by code: forget it now, and again when the code is back.
    transaction.callback(functools.partial(probing.forget_conversion, function))
    transaction.set(function, "__code__", stand_in.__code__)
    probing.forget_conversion(function)
