"""Finds callables that the conversion will run as they stand. Nothing is converted for it.

`convert_call` decides which these are, and decides late, when one is called. Here its rules are applied to what stands in
the attributes of a layer and its sublayers, and to what their methods call by a global name. Such a callable does harm
only if it reads an unknown dim, so its code is looked through for `.shape`.
"""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from shapetrace.capture.probes import skips
from shapetrace.capture.source import frames
from shapetrace.trace import SkipKind

_DEEPEST = 3  # of lists in lists, and of functions that call functions
_HOOKS = ("_forward_pre_hooks", "_forward_post_hooks")


@dataclass(frozen=True)
class Skipped:
    """A callable that will run as it stands."""

    path: str
    """Of the attribute, from the layer on, `decoder.layers[0].core`; or the global name, and what it is called in."""
    kind: SkipKind
    """Why, in the words of `capture/probes/skips.py`."""
    name: str
    code: CodeType | None
    """What it runs in the end; None where that is written in C."""
    reads_shape: bool


def held(layer: Any) -> list[Skipped]:
    """The callables that `layer` and its sublayers hold and that the conversion will skip.

    Args:
        layer: A `paddle.nn.Layer`.
    """
    return [
        _skipped(path, value, kind)
        for path, value, called_by_paddle in _attributes(layer)
        if (kind := _kind(value, called_by_paddle)) is not None
    ]


def called(layer: Any) -> list[Skipped]:
    """What methods of `layer` and its sublayers call by name, read shapes in, and the conversion will skip.

    Args:
        layer: A `paddle.nn.Layer`.
    """
    candidates = []
    visited: set[int] = set()
    for part in layer.sublayers(include_self=True):
        for method in _methods(type(part)):
            if id(method) in visited:
                continue
            visited.add(id(method))
            if (kind := skips.kind_of(method)) in ("not_to_static", "generator"):
                candidates.append(_skipped(method.__qualname__, method, kind))
                continue
            for path, value in _named(method, visited):
                if (kind_of := _kind(value, False)) is not None:
                    candidates.append(_skipped(path, value, kind_of))
    return [candidate for candidate in candidates if candidate.reads_shape]


def _skipped(path: str, value: Any, kind: SkipKind) -> Skipped:
    code = _code(value)
    return Skipped(path, kind, _name(value, code), code, code is not None and _reads_shape(value, code))


def _methods(kind: type) -> Iterator[FunctionType]:
    """The methods of a class that the user wrote, inherited ones included."""
    for base in kind.__mro__:
        for value in vars(base).values():
            if isinstance(value, FunctionType) and frames.is_users(frames.kind(value.__code__.co_filename)):
                yield value


def _named(function: FunctionType, visited: set[int], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """What a function calls by a global name, and what that calls where it will be converted."""
    names = sorted(_all_names(function.__code__))
    closed = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, value in (
        *((name, function.__globals__.get(name)) for name in names),
        *((name, _content(cell)) for name, cell in closed),
    ):
        if not callable(value) or isinstance(value, type) or id(value) in visited:
            continue
        visited.add(id(value))
        yield f"{name}, in {function.__qualname__}", value
        if isinstance(value, FunctionType) and depth < _DEEPEST and _kind(value, False) is None:
            yield from _named(value, visited, depth + 1)


def _attributes(layer: Any) -> Iterator[tuple[str, Any, bool]]:
    """Path and value of every callable that is no layer, and whether Paddle's own code calls it."""
    from paddle.nn import Layer

    for prefix, sublayer in layer.named_sublayers(include_self=True):
        for name, value in vars(sublayer).items():
            path = f"{prefix}.{name}" if prefix else name
            if name in _HOOKS:
                yield from ((f"{path}[{place}]", hook, True) for place, hook in enumerate(value.values()))
            elif not _is_paddles(name):
                yield from ((inner, function, False) for inner, function in _callables(path, value, Layer))


def _is_paddles(name: str) -> bool:
    """Whether every layer has an attribute of that name."""
    from paddle.nn import Layer

    from shapetrace import probing

    if not _own_names:
        with probing.untouched():
            _own_names.update(vars(Layer()))
    return name in _own_names


_own_names: set[str] = set()


def _callables(path: str, value: Any, layers: type, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _callables(f"{path}[{key!r}]", inner, layers, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        for place, inner in enumerate(value):
            yield from _callables(f"{path}[{place}]", inner, layers, depth + 1)
    elif callable(value) and not isinstance(value, type | layers | ModuleType):
        yield path, value


def _kind(value: Any, called_by_paddle: bool) -> SkipKind | None:
    """Why the conversion will run it as it stands; None where it will be converted, or is Paddle's own."""
    from paddle.jit.dy2static.program_translator import unwrap_decorators

    _, function = unwrap_decorators(value)
    code = _code(function)
    where = frames.kind(code.co_filename) if code is not None else ""
    if where in (frames.PADDLE, frames.OWN) or (code is None and _module(function).startswith("paddle")):
        return None
    if called_by_paddle:
        return "paddle"
    kind = skips.kind_of(function)
    if kind == "not-global":
        return None if _is_global(function) else kind
    if kind == "no-source" and isinstance(function, MethodType):
        return None if _has_source(function) else kind
    if kind == "c-callable" and isinstance(type(function).__call__, FunctionType):
        return None  # an object whose class says how it is called: that is converted
    if kind == "ignored-module" and code is None:
        return "c-callable"  # `convert_call` asks for this first
    return kind


def _module(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__module__", None) or type(function).__module__)


def _is_global(function: FunctionType) -> bool:
    """Whether `convert_call` finds a function among the globals of its module, and so converts it."""
    from paddle.jit.dy2static.program_translator import StaticFunction, unwrap_decorators

    for value in list(inspect.unwrap(function).__globals__.values()):
        if isinstance(value, StaticFunction):
            value = unwrap_decorators(value)[1]
        if value is function:
            return True
        if inspect.isclass(value) and isinstance(vars(value).get(function.__name__), staticmethod):
            return True
    return False


def _has_source(function: Any) -> bool:
    try:
        inspect.getsource(function)
    except (OSError, TypeError):
        return False
    return True


def _code(value: Any) -> CodeType | None:
    """What a callable runs in the end: also of a layer inside a partial, and of an object with `__call__`."""
    while isinstance(value, functools.partial):
        value = value.func
    code = skips.code_of(value)
    if code is None:
        code = skips.code_of(_called(value))
    return code


def _name(value: Any, code: CodeType | None) -> str:
    if code is not None:
        return code.co_name
    while isinstance(value, functools.partial):
        value = value.func
    return str(getattr(value, "__name__", type(value).__name__))


def _reads_shape(value: Any, code: CodeType, depth: int = 0) -> bool:
    """Whether its code, or that of a function it calls by a global name or has closed over, takes `.shape`."""
    names = _globals(value)
    if _takes_shape(code, names):
        return True
    if depth == _DEEPEST:
        return False
    others = [
        *(names.get(name) for name in _all_names(code)),
        *map(_content, getattr(value, "__closure__", None) or ()),
    ]
    return any(
        isinstance(other, FunctionType)
        and other.__code__ is not code
        and frames.is_users(frames.kind(other.__code__.co_filename))
        and _reads_shape(other, other.__code__, depth + 1)
        for other in others
    )


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def _globals(value: Any) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        value = value.func if isinstance(value, functools.partial) else value
        value = value.__func__ if isinstance(value, MethodType) else value
    if not isinstance(value, FunctionType):
        value = _called(value)
    return getattr(value, "__globals__", {})


def _called(value: Any) -> Any:
    """The function of its class that runs when a layer, or another object, is called."""
    return getattr(type(value), "forward", None) or type(value).__call__


def _takes_shape(code: CodeType, names: Mapping[str, Any]) -> bool:
    before = None
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD") and step.argval == "shape":
            of = names.get(before.argval) if before is not None and before.opname == "LOAD_GLOBAL" else None
            if not isinstance(of, ModuleType):  # else paddle.shape(x), which is right in any code
                return True
        before = step
    return any(isinstance(const, CodeType) and _takes_shape(const, names) for const in code.co_consts)


def _all_names(code: CodeType) -> set[str]:
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*map(_all_names, inner))
