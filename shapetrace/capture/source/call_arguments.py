"""Which argument of which function of Paddle's a dim was handed to."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Collection, Iterator
from types import FrameType
from typing import Any

from shapetrace.capture import identity
from shapetrace.capture.source import frames
from shapetrace.capture.source.stands import matches
from shapetrace.dim import REMEMBERING, AnyDim, Dim, value_of
from shapetrace.facts import operators

_MADE_FOR_C = "paddle.base.dygraph.generated_tensor_methods_patch"
"""Where Paddle, since 3.2, has functions that hand all they get on to C: `def _tril(*args, **kwargs)`."""
_DEPTH = 3  # how deep a dim may be nested in an argument: x[(slice(n, None), 0), ...]
WRAPPERS = frozenset({"wrapper", "__impl__", "_decorate_function", "fun"})
"""Frames of Paddle's decorators, and of the package `decorator`, which have no parameters of their own."""
_PARAMETERS = {("__getitem__", "item"): "indices", ("__setitem__", "item"): "indices"}
"""Parameters that Paddle 2.6 names in another way than 3.x."""
_METHODS = {operator.function: operator.method for operator in (*operators.ARITHMETIC, *operators.COMPARISONS)}
"""Functions that operators call, and the name of the operator's method."""


def dims_in(value: Any, depth: int = _DEPTH) -> Iterator[tuple[AnyDim, int | None]]:
    """The dims in an argument, each with its position where that is a list."""
    if isinstance(value, REMEMBERING):
        yield value, None
    elif depth and isinstance(value, list | tuple):
        for index, element in enumerate(value):
            for dim, _ in dims_in(element, depth - 1):
                yield dim, index
    elif depth and isinstance(value, slice):
        for bound in (value.start, value.stop, value.step):
            yield from dims_in(bound, depth - 1)


def named_arguments(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """The parameters of a running function with what they hold now, but for `*args` and `**kwargs`."""
    code = frame.f_code
    values = frames.variables(frame)
    for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        if name in values:
            yield name, values[name]


def arguments(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """The `named_arguments` of a function, and those of one that Paddle has made for C by the names of its signature."""
    yield from named_arguments(frame)
    if frame.f_globals.get("__name__") == _MADE_FOR_C:
        values = frames.variables(frame)
        yield from zip(_parameters(frame.f_globals.get(frame.f_code.co_name)), values.get("args", ()), strict=False)
        yield from values.get("kwargs", {}).items()


@functools.cache
def _parameters(function: Any) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _positions(value: Any, dim: AnyDim) -> Iterator[int | None]:
    """Where a dim, or what a lost one stands for, is in an argument."""
    if not dim.origin.lost:
        yield from (index for inner, index in dims_in(value) if inner is dim)
    elif matches(value, dim) or (type(value) is float and isinstance(dim, Dim) and value == value_of(dim)):
        yield None
    elif isinstance(value, list | tuple):
        yield from (index for index, item in enumerate(value) for _ in _positions(item, dim))
    elif isinstance(value, slice):
        yield from _positions((value.start, value.stop, value.step), dim)


Argued = tuple[str, str, int | None, tuple[str, ...], Any]
"""Public function, argument, position in it, its elements, and the tensor that the function works on; None for none."""


def argument_of(
    inside: list[FrameType], dim: AnyDim, operation: str, taken: Collection[tuple[str, int | None]] = ()
) -> Argued:
    """The outermost of Paddle's functions that has `dim` in a parameter of its own.

    Args:
        inside: The frames inside the user's innermost one, innermost first.
        dim: The dim.
        operation: The C op that it is for, or empty.
        taken: Parameters and positions in them where others stand, which look like a dim that will not remember.
    """
    for frame in reversed(inside):
        for name, value in arguments(frame):
            for index in _positions(value, dim):
                if dim.origin.lost and (name, index) in taken:
                    continue
                elements = tuple(map(element, value)) if isinstance(value, list | tuple) else ()
                api = public_name(frame)
                return api, _PARAMETERS.get((api, name), name), index, elements, _operand(frame)
    names = (public_name(frame) for frame in reversed(inside) if frame.f_code.co_name not in WRAPPERS)
    return next(names, operation), "", None, (), None


def _operand(frame: FrameType) -> Any:
    """The first tensor among a function's parameters."""
    values = (value for _, value in arguments(frame))
    return next((value for value in values if identity.is_symbolic(value) and identity.is_dense(value)), None)


def public_name(frame: FrameType) -> str:
    """What the user calls the function of Paddle's that `frame` runs."""
    name = frame.f_code.co_name
    if name == "__impl__":  # an operator of Value: paddle/pir/math_op_patch.py
        variables = frames.variables(frame)
        method = _METHODS.get(
            getattr(variables.get("python_api"), "__name__", ""), ""
        )  # before 3.1 that is all there is
        side = "r" if variables.get("reverse") else ""
        return str(variables.get("method_name") or (f"__{side}{method}__" if method else name))
    name = name.removesuffix("_wrapper")  # interpolate_wrapper: an alias for `interpolate`'s arguments
    return operators.PUBLIC.get(name) or (name[1:] if name[:1] == "_" and name[:2] != "__" else name)


def element(value: Any) -> str:
    """An element of a list, as it is told: a number, `?` for a tensor, else its type."""
    if isinstance(value, int | float):
        return repr(value_of(value))
    return "?" if identity.is_symbolic(value) else type(value).__name__
