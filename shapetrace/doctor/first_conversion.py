"""Stops a script where its first conversion would begin, and keeps what was to be converted.

Every conversion builds a `ConcreteProgram`, those of `paddle.jit.save` and `paddle.onnx.export` too; its builders are
replaced by one that raises. What SOT compiles from bytecode is let through: nothing is exported by it.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from shapetrace.capture.probes import conversions
from shapetrace.capture.source import frames
from shapetrace.patching import Transaction


class StoppedError(BaseException):
    """Ends the script; no `except Exception` of the script's catches it."""


@dataclass(frozen=True)
class Conversion:
    """What was to be converted."""

    layer: Any
    """The layer, or None for a plain function."""
    function: Any
    """The function: of a layer, as its class has it."""
    input_spec: Sequence[Any]
    """InputSpecs and constants, which may nest."""
    keywords: Mapping[str, Any]
    """The same, by keyword."""
    place: tuple[str, int] | None
    """File and line of the user's that asked for it."""
    asked: Sequence[Any] | None = None
    """The input spec that `paddle.jit.save` was given, where that is what asked for it."""

    @property
    def name(self) -> str:
        """What people call it: `Detector.forward`."""
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return f"{type(self.layer).__name__}.{name}" if self.layer is not None else str(name)

    def call(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Run it as it stands, hooks of the layer included."""
        if self.layer is None:
            return self.function(*arguments, **keywords)
        if getattr(self.function, "__name__", "forward") == "forward":
            return self.layer(*arguments, **keywords)
        return self.function(self.layer, *arguments, **keywords)


class FirstConversion:
    """Waits for the first conversion. No conversion is made from `install` to `remove`."""

    def __init__(self) -> None:
        self.reached: Conversion | None = None
        self._asked: Sequence[Any] | None = None
        self._transaction = Transaction()

    def install(self) -> None:
        """Begin to wait. Paddle must have been imported."""
        import paddle
        from paddle.jit import api

        with self._transaction:
            save = self._saver(api.save)
            for module in (api, paddle.jit):
                self._transaction.set(module, "save", save)
            conversions.wrap(self._transaction, self._builder)

    def remove(self) -> None:
        """Let conversions be made again."""
        self._transaction.undo()

    def _builder(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def build(func_spec: Any, input_spec: Any, input_kwargs_spec: Any, class_instance: Any, **options: Any) -> Any:
            if _within_sot():
                return function(func_spec, input_spec, input_kwargs_spec, class_instance, **options)
            if self.reached is None:  # a script that catches everything goes on to its next conversion
                self.reached = Conversion(
                    class_instance,
                    func_spec.dygraph_function,
                    tuple(input_spec or ()),
                    dict(input_kwargs_spec or {}),
                    _place(),
                    self._asked,
                )
            raise StoppedError

        return build

    def _saver(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def save(layer: Any, path: Any, input_spec: Any = None, **options: Any) -> Any:
            self._asked = input_spec
            try:
                with _leaving_no_directory(path):
                    return function(layer, path, input_spec, **options)
            finally:
                self._asked = None

        return save


@contextmanager
def _leaving_no_directory(path: Any) -> Iterator[None]:
    """Take back the directory that `paddle.jit.save` makes before it converts."""
    folder = Path(os.path.dirname(os.fspath(path)) or ".")
    made = [directory for directory in (folder, *folder.parents) if not directory.exists()]
    try:
        yield
    except StoppedError:
        for directory in made:
            with suppress(OSError):
                directory.rmdir()
        raise


def _within_sot() -> bool:
    """Whether SOT compiles a piece of bytecode, or a layer of Paddle's that it has come across in it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("paddle.jit.sot"):
            return True
        frame = frame.f_back
    return False


def _place() -> tuple[str, int] | None:
    frame = frames.caller(sys._getframe(1))
    while frame is not None and frames.kind(frame.f_code.co_filename) is not frames.USER:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None
