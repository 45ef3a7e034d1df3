"""The specs of conversions: the line that made each, and the programs that were asked for with them."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any, NamedTuple

from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Sites
from shapetrace.trace import Asked, Failure, Input, Parameter, Request

_API = "jit/api.py"
"""The file of Paddle's functions that convert and save."""
_LONGEST = 60


class _Made(NamedTuple):
    """A spec as the user made it: Paddle names those without a name after the parameter, and makes -1 of every negative size."""

    spec: weakref.ref[Any]
    place: Place
    name: str
    written: tuple[int, ...]


class _Begun(NamedTuple):
    """A conversion that has begun, and the user's call that it was for."""

    conversion: int
    called: int


class Specs:
    """The specs made during one watch, and the programs that were asked for."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._made: dict[int, _Made] = {}
        self._conversions: dict[int, tuple[Any, list[_Begun]]] = {}
        self.conversions = 0
        """How many have begun."""

    def made(self, spec: Any, shape: Any, frame: FrameType | None) -> None:
        """A spec was made of a shape below `frame`. It is not kept alive: a script may make one at each step of a training."""
        place = _users(frame)
        if place is not None:
            key = id(spec)
            gone = weakref.ref(spec, lambda _: self._made.pop(key, None))
            self._made[key] = _Made(gone, place, spec.name or "", _sizes(shape))

    def inputs(self, function_spec: Any, input_spec: Any) -> list[Input]:
        """The inputs of a conversion that begins."""
        from paddle.utils import flatten

        specs = list(_tensors(flatten(input_spec)))
        declared = list(_tensors(getattr(function_spec, "flat_input_spec", None) or ()))
        if len(declared) != len(specs):
            declared = specs
        return [
            Input(
                name=spec.name or "",
                shape=_shape(spec),
                dtype=str(spec.dtype).removeprefix("paddle."),
                # Paddle makes new specs of the tensors in a call, and widens them to what was declared.
                site=self._site(before if _shape(before) == _shape(spec) else spec),
            )
            for spec, before in zip(specs, declared, strict=True)
        ]

    def begun(self, function_spec: Any, conversion: int, frame: FrameType | None) -> None:
        """A conversion of a function has begun, below `frame`."""
        self.conversions += 1
        place = _users(frame)
        called = self._sites.of(place) if place is not None else -1
        self._conversions.setdefault(id(function_spec), (function_spec, []))[1].append(_Begun(conversion, called))

    def asked(self, function_spec: Any, input_spec: Any, frame: FrameType | None) -> Request:
        """A program is asked for, with a spec or None. What comes of it is told to `answered`."""
        place = _users(frame)
        function = function_spec.dygraph_function
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        names = [*function_spec.args_name]
        defaults = getattr(function_spec, "_default_kwargs", {})
        declared = function_spec.input_spec
        return Request(
            function=getattr(function, "__qualname__", str(function)),
            defined=self._sites.defined(code) if code is not None else -1,
            site=self._sites.of(place) if place is not None else -1,
            saves=_saves(frame),
            parameters=tuple(Parameter(name, name not in defaults) for name in names),
            takes_more=getattr(function_spec, "varargs_name", None) is not None,
            declared=None if declared is None else tuple(self._all_asked(declared, names)),
            given=None if input_spec is None else tuple(self._all_asked(input_spec, names)),
        )

    def answered(self, request: Request, function_spec: Any, before: int, error: BaseException | None) -> None:
        """What came of a request: a program, a conversion that failed, or `error` before there was one.

        Args:
            request: What was asked.
            function_spec: Of which function.
            before: How many conversions had begun when it was asked.
            error: What was raised.
        """
        none_begun = self.conversions == before
        if none_begun and error is not None:
            request.failure = Failure(type(error).__name__, str(error))
        elif conversions := self._conversions.get(id(function_spec), (None, []))[1]:
            request.conversion, request.called = conversions[-1]
            request.cached = none_begun

    def _all_asked(self, specs: Any, names: list[str]) -> Iterator[Asked]:
        for position, item in enumerate(specs):
            yield from self._asked(item, names[position] if position < len(names) else "", "")

    def _asked(self, item: Any, parameter: str, path: str) -> Iterator[Asked]:
        from paddle.static import InputSpec

        if isinstance(item, InputSpec):
            entry = self._made.get(id(item))
            made = entry if entry is not None and entry.spec() is item else None
            name = "" if made is not None and not made.name else item.name or ""
            dtype = str(item.dtype).removeprefix("paddle.")
            shape = _shape(item)
            if made is not None and tuple(max(size, -1) for size in made.written) == shape:
                shape = made.written  # else it has been changed since
            yield Asked(parameter, path, name=name, shape=shape, dtype=dtype, site=self._site(item))
            return
        yield Asked(parameter, path, kind=type(item).__name__, text=_text(item))
        if isinstance(item, dict):
            for key, inner in item.items():
                yield from self._asked(inner, parameter, f"{path}[{key!r}]")
        elif isinstance(item, list | tuple):
            for position, inner in enumerate(item):
                yield from self._asked(inner, parameter, f"{path}[{position}]")

    def _site(self, spec: Any) -> int:
        made = self._made.get(id(spec))
        return self._sites.of(made.place) if made is not None and made.spec() is spec else -1


def _text(value: Any) -> str:
    """A value that a file can hold, as Python prints it; nothing of what holds specs or tensors."""
    flat = value if isinstance(value, list | tuple) else [value]
    plain = all(item is None or isinstance(item, int | float | str) for item in flat)
    return repr(value)[:_LONGEST] if plain else ""


def is_save(code: CodeType) -> bool:
    """Whether it is Paddle's function that saves programs."""
    return code.co_name == "save" and _is_of_api(code)


def is_to_static(code: CodeType) -> bool:
    """Whether it is Paddle's `to_static`, or what that decorates with."""
    return code.co_name in ("to_static", "decorated") and _is_of_api(code)


def _is_of_api(code: CodeType) -> bool:
    return code.co_filename.replace("\\", "/").endswith(_API)


def _saves(frame: FrameType | None) -> bool:
    """Whether a frame is run for Paddle's function that saves programs."""
    while frame is not None and not frames.users(frame):
        if is_save(frame.f_code):
            return True
        frame = frame.f_back
    return False


def _tensors(flat: Any) -> Iterator[Any]:
    from paddle.static import InputSpec

    return (spec for spec in flat if isinstance(spec, InputSpec))


def _shape(spec: Any) -> tuple[int, ...]:
    return _sizes(spec.shape)


def _sizes(shape: Any) -> tuple[int, ...]:
    return tuple(-1 if size is None else int(size) for size in shape)


def _users(frame: FrameType | None) -> Place | None:
    """The innermost place in the user's code."""
    while frame is not None:
        if frames.users(frame):
            return Place(frame.f_code, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return None
