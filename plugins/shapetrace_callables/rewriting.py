"""Converts functions that Paddle could convert but does not.

Paddle's own converter does the work; this module decides what may be handed to it, gives lambdas a form it can read,
and gives the result what the converter loses: the defaults and the very closure cells of the original.
"""

from __future__ import annotations

import ast
import dis
import inspect
import os
import sysconfig
import textwrap
from contextlib import suppress
from types import CodeType, FunctionType
from typing import Any, cast
from weakref import WeakKeyDictionary

from shapetrace_callables import lambdas

_STANDARD_LIBRARY = tuple(
    os.path.normcase(path) + os.sep for key in ("stdlib", "platstdlib") if (path := sysconfig.get_path(key))
)


def rewritten(function: Any) -> FunctionType | None:
    """The function as the conversion would have it, or None where it must run as it stands."""
    if not isinstance(function, FunctionType) or not _may_be_rewritten(function):
        return None
    code, known = _converted.get(function, (None, None))
    if known is None or code is not function.__code__:
        try:
            known = _convert(function)
        except Exception as error:  # no source, or syntax that the converter does not know: it runs as it stands
            _say(function, error)
        if known is None:
            return None
        _converted[function] = (function.__code__, known)
    return _with_own_variables(known, function)


_converted: WeakKeyDictionary[FunctionType, tuple[CodeType, FunctionType]] = WeakKeyDictionary()


def _convert(function: FunctionType) -> FunctionType | None:
    from paddle.jit.dy2static.program_translator import convert_to_static

    if function.__name__ != "<lambda>":
        return cast(FunctionType, convert_to_static(_without_decorators(function)))
    readable = lambdas.as_def(function)
    if readable is None:
        return None
    converted = convert_to_static(readable)
    lambdas.point_home(readable, function)
    return cast(FunctionType, converted)


def _may_be_rewritten(function: FunctionType) -> bool:
    from paddle.jit.dy2static import convert_call_func, program_translator
    from paddle.jit.dy2static.utils import get_temp_dir

    code = function.__code__
    if getattr(function, program_translator.ALREADY_D2S, None):
        return False
    if os.path.dirname(code.co_filename) == get_temp_dir():
        return False  # written by the conversion, or written inside a function that it has rewritten
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        return False
    if _standard_library(code.co_filename) or convert_call_func.is_unsupported(function) or _marked(function):
        return False
    return not _assigns_nonlocals(function)


def _marked(function: FunctionType) -> bool:
    """Whether somebody marked it with `not_to_static`. Paddle 3.3 calls the mark otherwise than 3.0 and 2.6."""
    from paddle.jit.dy2static import convert_call_func, utils

    if hasattr(utils, "TransformOptions"):
        marks = utils.TransformOptions
        return not marks.check_fn_need_transform(function, marks.ToStaticMode.AST)
    options = getattr(function, convert_call_func.CONVERSION_OPTIONS, None)
    return options is not None and options.not_convert


def _standard_library(path: str) -> bool:
    path = os.path.normcase(path)
    return path.startswith(_STANDARD_LIBRARY) and "site-packages" not in path and "dist-packages" not in path


def _assigns_nonlocals(function: FunctionType) -> bool:
    """Whether it, or a function inside it, assigns to a variable of the function around it."""
    free = set(function.__code__.co_freevars)
    codes = [function.__code__]
    while codes and free:
        code = codes.pop()
        stores = {step.argval for step in dis.get_instructions(code) if step.opname in ("STORE_DEREF", "DELETE_DEREF")}
        if stores & free & set(code.co_freevars):
            return True
        codes.extend(const for const in code.co_consts if inspect.iscode(const))
    return False


def _without_decorators(function: FunctionType) -> FunctionType:
    """The function as its `def` alone makes it.

    The converter reads through `__wrapped__` to another function, and applies the decorators that it finds in the
    source. What is called here is the bare function, from inside its decorators.
    """
    definition = ast.parse(textwrap.dedent(inspect.getsource(function.__code__))).body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"its source is a {type(definition).__name__}, not a def")
    if not definition.decorator_list and not hasattr(function, "__wrapped__"):
        return function
    # The first line of a decorated function's code is that of its first decorator, which is line 1 of its source.
    code = function.__code__
    return lambdas.copy(function, code.replace(co_firstlineno=code.co_firstlineno + definition.lineno - 1))


def _with_own_variables(converted: FunctionType, original: FunctionType) -> FunctionType:
    """The converted function with the original's defaults and the variables of the function around it."""
    cells = dict(zip(original.__code__.co_freevars, original.__closure__ or (), strict=True))
    closure = tuple(
        cells.pop(name, cell)
        for name, cell in zip(converted.__code__.co_freevars, converted.__closure__ or (), strict=True)
    )
    for name, cell in cells.items():  # the converter of Paddle 2.6 makes no closures: they are globals of its module
        with suppress(ValueError):  # an empty cell: not assigned yet, and so not read either
            converted.__globals__[name] = cell.cell_contents
    own = FunctionType(
        converted.__code__, converted.__globals__, converted.__name__, original.__defaults__, closure or None
    )
    own.__kwdefaults__ = original.__kwdefaults__
    own.__dict__.update(converted.__dict__)  # Paddle's mark that it is converted
    return own


def _say(function: FunctionType, error: Exception) -> None:
    import structlog

    structlog.get_logger("shapetrace").debug(
        "a callable runs as it stands", callable=function.__qualname__, module=function.__module__, error=str(error)
    )
