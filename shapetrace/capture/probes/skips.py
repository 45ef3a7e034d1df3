"""Which callables the conversion ran as they stood, and why.

Paddle decides this in `paddle/jit/dy2static/convert_call_func.py:convert_call` and tells nobody. We see
what it returns: a callable that comes back unchanged was skipped. Why is worked out only if a dim leaks in it.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from shapetrace.capture.guarding import guard
from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place, Stack
from shapetrace.trace import SkipKind


class Skipped(NamedTuple):
    """A callable that ran as it stood, and the place that called it."""

    function: Any
    called: Place | None


class Skips:
    """The callables skipped during one watch, by the code they run.

    Args:
        fault: Called with what went wrong in shapetrace itself.
    """

    def __init__(self, fault: Callable[[str, BaseException], None]) -> None:
        self._fault = fault
        self._by_code: dict[CodeType, Skipped] = {}

    def listen(self, convert_call: Callable[..., Any]) -> Callable[..., Any]:
        """A `convert_call` that does the same and notes what came back unchanged."""

        def Call(func: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                result = convert_call(func, *args, **kwargs)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise
            if result is func:
                with guard(self._fault, "a callable that was run as it stands could not be noted"):
                    self.note(func)
            return result

        Call.__module__ = convert_call.__module__  # Paddle takes what is not of a module of its own for the user's
        return Call

    def note(self, function: Any) -> None:
        """`function` came back from `convert_call` unchanged."""
        code = code_of(function)
        if code is None or not frames.is_users(frames.kind(code.co_filename)) or code in self._by_code:
            return
        frame = frames.caller(sys._getframe(1))
        while frame is not None and not frames.users(frame):
            frame = frame.f_back
        place = Place(frame.f_code, frame.f_lasti, frame.f_lineno) if frame is not None else None
        self._by_code[code] = Skipped(function, place)

    def explain(self, stack: Stack) -> Explanation | None:
        """Why the code at the top of `stack` read a dim as an int.

        Walks from the place outwards to the nearest rewritten code; the frame just inside it is the callable
        that the conversion let pass.
        """
        inner: Place | None = None
        rewritten: Place | None = None
        between: list[Place] = []
        for place in stack:
            if place.kind is frames.REWRITTEN:
                rewritten = place
                break
            if not frames.is_users(place.kind):
                between.append(place)
            elif inner is None or inner.code not in self._by_code:
                inner, between = place, []
        if inner is None:
            return Explanation("getattr", rewritten.code, rewritten, None) if rewritten is not None else None
        skipped = self._by_code.get(inner.code)
        if skipped is not None:
            called = rewritten if rewritten is not None else skipped.called
            return Explanation(kind_of(skipped.function), inner.code, called, skipped.function)
        kind: SkipKind = "paddle" if any(map(_is_container, between)) else "python"
        return Explanation(kind, inner.code, rewritten, None)


class Explanation(NamedTuple):
    """Why a callable was run as it stood."""

    kind: SkipKind
    code: CodeType
    called: Place | None
    function: Any


def _is_container(place: Place) -> bool:
    """Whether a place is in a layer of Paddle's that calls other layers, not in the machinery around every layer."""
    file = place.code.co_filename
    return place.kind is frames.PADDLE and not file.endswith(("nn/layer/layers.py", "dy2static/convert_call_func.py"))


def code_of(function: Any) -> CodeType | None:
    """The code a callable runs in the end, through partials, methods and wrappers."""
    for _ in range(32):  # a wrapper may wrap itself
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        elif isinstance(function, FunctionType):
            return function.__code__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return None
    return None


def kind_of(function: Any) -> SkipKind:
    """The reason `convert_call` has for leaving a callable alone, in the order in which it decides."""
    from paddle.jit.dy2static import convert_call_func

    options = getattr(convert_call_func, "TransformOptions", None)
    if options is not None and not options.check_fn_need_transform(function, options.ToStaticMode.AST):
        return "not_to_static"
    if getattr(getattr(function, "__jst_not_to_static", None), "not_convert", False):  # Paddle 2.6
        return "not_to_static"
    if isinstance(function, functools.partial):
        return "partial"
    if convert_call_func.is_unsupported(function):
        return "ignored-module"
    if inspect.isgeneratorfunction(function):
        return "generator"
    if isinstance(function, FunctionType):
        if function.__name__ == "<lambda>":
            return "lambda"
        try:
            inspect.getsource(function)
        except (OSError, TypeError):
            return "no-source"
        return "not-global"
    if isinstance(function, MethodType):
        return "no-source"
    return "c-callable"
