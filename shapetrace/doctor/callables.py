"""Finds callables that layers hold and that the conversion will run as they stand. Nothing is converted for it.

`convert_call` decides which these are, and decides late, when one is called. Here its rules are applied to what stands in
the attributes of a layer and its sublayers. Such a callable does harm only if it reads an unknown dim, so its code is
looked through for `.shape`.
"""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from shapetrace.capture import frames, skips
from shapetrace.doctor import inputs
from shapetrace.doctor.first_conversion import Conversion
from shapetrace.doctor.lines import Level, Line
from shapetrace.reports import wording
from shapetrace.reports.printable import relative
from shapetrace.rules import answers
from shapetrace.trace import Cause, Finding, Site

_SUBJECT = "callables"
_DEEPEST = 3  # of lists in lists, and of functions that call functions
_HOOKS = ("_forward_pre_hooks", "_forward_post_hooks")
_NAMED = 6  # of those that read no shape


@dataclass(frozen=True)
class Held:
    """A callable that will run as it stands."""

    path: str
    """Of the attribute, from the layer on: `decoder.layers[0].core`."""
    kind: str
    """Why, in the words of `capture/skips.py`."""
    name: str
    code: CodeType | None
    """What it runs in the end; None where that is written in C."""
    reads_shape: bool


def lines(conversion: Conversion) -> list[Line]:
    """A warning for each callable that reads a shape, and one note on all others.

    Args:
        conversion: What was to be converted. Where it leaves no axis unknown, a warning is a note.
    """
    if conversion.layer is None:
        return []
    alike: dict[tuple[str, Any], list[Held]] = {}
    for each in held(conversion.layer):
        alike.setdefault((each.kind, each.code or each.name), []).append(each)
    level: Level = "warning" if inputs.unknown(conversion) else "note"
    result = [_reading(group, level) for group in alike.values() if group[0].reads_shape]
    harmless = [group for group in alike.values() if not group[0].reads_shape]
    if harmless:
        names = ", ".join(map(_named, harmless[:_NAMED]))
        more = f" and {len(harmless) - _NAMED} more" if len(harmless) > _NAMED else ""
        result.append(Line("note", _SUBJECT, f"run as they stand, and read no shape: {names}{more}"))
    return result or [Line("ok", _SUBJECT, "the layers hold none that the conversion would skip")]


def held(layer: Any) -> list[Held]:
    """The callables that `layer` and its sublayers hold and that the conversion will skip.

    Args:
        layer: A `paddle.nn.Layer`.
    """
    found = []
    for path, value, called_by_paddle in _attributes(layer):
        kind = _kind(value, called_by_paddle)
        if kind is not None:
            code = _code(value)
            found.append(Held(path, kind, _name(value, code), code, code is not None and _reads_shape(value, code)))
    return found


def _attributes(layer: Any) -> Iterator[tuple[str, Any, bool]]:
    """Path and value of every callable that is no layer, and whether Paddle's own code calls it."""
    from paddle.nn import Layer

    for prefix, each in layer.named_sublayers(include_self=True):
        for name, value in vars(each).items():
            path = f"{prefix}.{name}" if prefix else name
            if name in _HOOKS:
                yield from ((f"{path}[{place}]", hook, True) for place, hook in enumerate(value.values()))
            elif not _is_paddles(name):
                yield from ((inner, function, False) for inner, function in _callables(path, value, Layer))


def _is_paddles(name: str) -> bool:
    """Whether every layer has an attribute of that name."""
    from paddle.nn import Layer

    from shapetrace.remedies import probing

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


def _kind(value: Any, called_by_paddle: bool) -> str | None:
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
    """Whether its code, or that of a function it calls by a global name, takes `.shape` of something."""
    names = _globals(value)
    if _takes_shape(code, names):
        return True
    if depth == _DEEPEST:
        return False
    for name in _all_names(code):
        called = names.get(name)
        if not isinstance(called, FunctionType) or called.__code__ is code:
            continue
        if frames.is_users(frames.kind(called.__code__.co_filename)) and _reads_shape(
            called, called.__code__, depth + 1
        ):
            return True
    return False


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


def _named(group: list[Held]) -> str:
    also = f" and {len(group) - 1} more like it" if len(group) > 1 else ""
    return f"{group[0].path}{also} ({group[0].kind})"


def _reading(group: list[Held], level: Level) -> Line:
    first = group[0]
    code = first.code
    site = Site(code.co_filename, code.co_firstlineno, function=first.name) if code is not None else None
    cause = Cause(first.kind, first.name, defined=site)
    asked = Finding("ST101", "error", "", source=site, cause=cause)  # such as a dim read there would give
    remedies = answers.named([asked], [])[0].remedies
    place = f" ({relative(site.file)}:{site.line})" if site is not None else ""
    do = f"shapetrace run {wording.flag(remedies[0])} SCRIPT" if remedies else ""
    return Line(
        level,
        _SUBJECT,
        f"{_named(group)}: `{first.name}`{place} reads a shape and will not be rewritten, because "
        f"{wording.reason(cause)}; an unknown dim is the int -1 in it",
        do or "make it a method of the layer, or a function of its module",
    )
