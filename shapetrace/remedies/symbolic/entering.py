"""Puts the healing in front of Paddle's functions, whoever holds a reference to them.

A function keeps its identity and gets another body for the length of the watch: replacing the attribute of its module
would miss `from paddle import reshape`, the methods of tensors, and Paddle's own imports.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from types import FrameType, FunctionType
from typing import Any

from shapetrace.capture import identity
from shapetrace.capture.source.call_arguments import dims_in
from shapetrace.capture.tape import leaked
from shapetrace.dim import Dim
from shapetrace.logs import get_logger
from shapetrace.patching import Transaction
from shapetrace.remedies.symbolic import answers
from shapetrace.remedies.symbolic.healed_functions import FUNCTIONS, OPERATORS, HealedFunction
from shapetrace.remedies.symbolic.kinds import UNCHANGED, Kind, fraction, operand
from shapetrace.remedies.symbolic.standing import Standing, is_plain
from shapetrace.remedies.symbolic.tensors import Tensors


def install(transaction: Transaction) -> None:
    """Have unknown dims enter programs as tensors until the transaction is undone."""
    tensors = Tensors()
    for entry in FUNCTIONS:
        _guard(entry, tensors, transaction)
    for owner in identity.tensor_classes():
        _remember_reads(owner, tensors, transaction)
        _guard_operators(owner, tensors, transaction)
    answers.install(transaction, lambda: tensors.tape)


def _remember_reads(owner: Any, tensors: Tensors, transaction: Transaction) -> None:
    read = owner.__dict__["shape"]

    def shape(self: Any) -> Any:
        sizes = read.fget(self)
        try:
            if any(type(size) is Dim for size in sizes):
                tensors.remember(self, sizes)
        except Exception as error:
            get_logger().warning("not healed", function="shape", argument="x", error=repr(error))
        return sizes

    transaction.set(owner, "shape", property(shape, read.fset, read.fdel, read.__doc__))


def _template(*args: Any, **kwargs: Any) -> Any:
    return _healing(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821 - another name in each function


def _guard(entry: HealedFunction, tensors: Tensors, transaction: Transaction) -> None:
    """Give a function another body, which heals the arguments and goes on to its own."""
    try:
        module = importlib.import_module(entry.module)
    except ImportError:
        return
    function = inspect.unwrap(getattr(module, entry.function, None))  # type: ignore[arg-type]
    if not isinstance(function, FunctionType) or function.__code__.co_freevars:
        return
    own = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    own.__kwdefaults__ = function.__kwdefaults__
    code = own.__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] or entry.parameters
    kinds = {name: kind for name, kind in entry.arguments.items() if name in parameters}
    if not kinds:
        return

    def healing(*args: Any, **kwargs: Any) -> Any:
        call = dict(zip(parameters, args, strict=False)) | kwargs
        healed = {
            name: value
            for name, kind in kinds.items()
            if name in call
            and (value := _healed(tensors, kind, entry.function, name, call, sys._getframe(1))) is not UNCHANGED
        }
        if not healed:
            return own(*args, **kwargs)
        positional = [healed.pop(name, value) for name, value in zip(parameters, args, strict=False)]
        return own(*positional, *args[len(positional) :], **(kwargs | healed))

    name = f"_shapetrace_{function.__name__}"
    transaction.set(sys.modules[function.__module__], name, healing)
    transaction.set(function, "__code__", _template.__code__.replace(co_names=(name,), co_name=function.__name__))


def _guard_operators(owner: Any, tensors: Tensors, transaction: Transaction) -> None:
    for name in OPERATORS:
        method = getattr(owner, name, None)
        if isinstance(method, FunctionType):
            transaction.set(owner, name, _healing_operator(tensors, method))


def _healing_operator(tensors: Tensors, method: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    @functools.wraps(method)
    def operate(self: Any, other: Any) -> Any:
        if is_plain(other):
            call, frame = {"self": self, "other_var": other}, sys._getframe(1)
            healed = _healed(tensors, operand, method.__name__, "other_var", call, frame)
            if healed is UNCHANGED and not _is_floating(self):
                healed = _healed(tensors, fraction, method.__name__, "other_var", call, frame)
                self = self if healed is UNCHANGED else self.astype(healed.dtype)
            if healed is not UNCHANGED:
                return method(self, healed)
        return method(self, other)

    return operate


def _is_floating(tensor: Any) -> bool:
    return "float" in str(tensor.dtype).lower() or "complex" in str(tensor.dtype).lower()


def _healed(tensors: Tensors, kind: Kind, function: str, name: str, call: Mapping[str, Any], frame: FrameType) -> Any:
    """What to hand over for an argument, `UNCHANGED` if it stays. Never raises: then it stays, as without a remedy."""
    value, tape = call[name], tensors.tape
    if tape is None or tape.closed or isinstance(value, str | bool) or identity.is_symbolic(value):
        return UNCHANGED
    try:
        standing = Standing(tape, frame, call.values())
        within = standing.within(value)
        dims = [dim for dim, _ in dims_in(within)]
        if not dims:
            return UNCHANGED
        with standing.aside():
            healed = kind(tensors, within, call)
        if healed is not UNCHANGED:
            standing.healed()
            tape.healed(frame, [dim for dim in dims if leaked(dim)], function, name, within)
    except Exception as error:
        get_logger().warning("not healed", function=function, argument=name, error=repr(error))
        return UNCHANGED
    return healed
