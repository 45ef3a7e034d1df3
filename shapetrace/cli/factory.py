"""Calls the function that a user names to get a model: `MODULE:FACTORY`, or `FILE.py:FACTORY`."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from shapetrace.errors import PaddleMissingError, ShapetraceError, UsageError, in_words
from shapetrace.said import Sentence, joined, said

_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
_WANTED = said("a function that takes nothing and returns the layer and its input spec")


def built(factory: str) -> tuple[Any, Any]:
    """The layer and the input spec that a factory returns.

    Args:
        factory: `MODULE:FACTORY`, the module looked for as `python -m` would; or `FILE.py:FACTORY`.

    Raises:
        UsageError: There is none, or it does not work; one sentence says what and where.
        PaddleMissingError: It wants Paddle, which is not installed.
    """
    module, colon, name = factory.rpartition(":")
    if not colon or not name or not module:
        raise UsageError(
            said("{} names no factory: write MODULE:FACTORY, such as mypackage.export:build", repr(factory))
        )
    found = _module(module)
    function = getattr(found, name, None)
    if not callable(function):
        told = said("the module {} has no function {}", module, name)
        near = _alike(found, name)
        raise UsageError(said("{}: {}", told, said("did you mean {}?", joined("{} or {}", near))) if near else told)
    _check_signature(factory, function)
    returned = _attempt(function, said("{} failed", factory))
    if not isinstance(returned, tuple) or len(returned) != 2:
        kind = type(returned).__name__
        raise UsageError(said("{} must return a layer and its input spec, and returned {}", factory, kind))
    if not hasattr(returned[0], "sublayers"):
        kind = type(returned[0]).__name__
        raise UsageError(said("{} must return a layer and its input spec: what it returned first is {}", factory, kind))
    return returned


def _module(name: str) -> Any:
    if name.endswith(".py"):
        if not os.path.isfile(name):
            raise UsageError(said("there is no file {}", name))
        folder, file = os.path.split(os.path.abspath(name))
        sys.path.insert(0, folder)
        return _attempt(lambda: importlib.import_module(file.removesuffix(".py")), said("{} cannot be imported", name))
    sys.path.insert(0, os.getcwd())  # as `python -m` does
    try:
        missing = importlib.util.find_spec(name) is None
    except ModuleNotFoundError as error:  # of its package
        if error.name is None or not name.startswith(f"{error.name}."):
            raise _refusal(error, said("{} cannot be imported", name)) from None
        missing = True
    except ValueError:  # imported already, and without a spec
        missing = name not in sys.modules
    if missing:
        raise UsageError(said("there is no module {}: it is looked for as `python -m` would", name))
    return _attempt(lambda: importlib.import_module(name), said("{} cannot be imported", name))


def _alike(module: Any, name: str) -> list[str]:
    """The functions of a module's own that are spelled alike."""
    own = [
        known
        for known, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__
    ]
    return difflib.get_close_matches(name, own, n=2)


def _check_signature(factory: str, function: Callable[..., Any]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # a function in C: calling it will tell
    try:
        signature.bind()
    except TypeError:
        raise UsageError(said("{} wants arguments, {}: give {}", factory, signature, _WANTED)) from None


def _attempt(call: Callable[[], Any], what: Sentence) -> Any:
    try:
        return call()
    except ShapetraceError:
        raise
    except Exception as error:
        raise _refusal(error, what) from None


def _refusal(error: Exception, what: Sentence) -> ShapetraceError:
    """What went wrong in the user's code, and where, as one sentence."""
    if isinstance(error, ModuleNotFoundError) and error.name == "paddle":
        return PaddleMissingError(said("Paddle is not installed: install shapetrace[cpu] or shapetrace[gpu]"))
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_OURS, "<frozen"))
    ]
    site = next((frame for frame in reversed(frames) if "site-packages" not in frame.filename), None)
    place = f" ({os.path.relpath(site.filename)}:{site.lineno})" if site is not None else ""
    return UsageError(said("{}: {}{}", what, in_words(error), place))
