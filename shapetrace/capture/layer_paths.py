"""Which layer is running, on Paddle 2.6, which does not keep it: `/Decoder/DecoderLayer_1/Linear/`.

The path is built as Paddle 3.x builds it: a class's name for each layer that is called, numbered from its second
call in the same layer on.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from shapetrace.capture.guarding import guard
from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.patching import Transaction


class _Running(threading.local):
    """The layers that are running in a thread."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.calls: list[dict[str, int]] = [{}]
        """For each of them, and for what called the outermost, how often it has called each class."""


_running = _Running()
_made_in: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def path() -> str:
    """The path of the innermost layer that is running; empty outside of layers."""
    return f"/{'/'.join(_running.names)}/" if _running.names else ""


def begin() -> None:
    """Number layers anew: a conversion begins."""
    _running.names.clear()
    _running.calls[:] = [{}]


def note(op: Any) -> None:
    """An op has been made by the layer that is running."""
    if _running.names:
        _made_in[op] = path()


def of(op: Any) -> str:
    """The path of the layer that made an op."""
    return _made_in.get(op, "")


def install(fault: Callable[[str, BaseException], None], transaction: Transaction) -> None:
    """Listen to calls of layers.

    Raises:
        AttributeError: This Paddle is built in another way.
    """
    from paddle.base.framework import in_dygraph_mode
    from paddle.nn import Layer

    original = Layer._dygraph_call_func

    @functools.wraps(original)
    def _dygraph_call_func(self: Any, *inputs: Any, **kwargs: Any) -> Any:
        depth = len(_running.names)
        with guard(fault, "the call of a layer could not be noted"):
            if not in_dygraph_mode():
                _enter(type(self).__name__)
        try:
            return original(self, *inputs, **kwargs)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        finally:
            del _running.names[depth:], _running.calls[depth + 1 :]

    transaction.set(Layer, "_dygraph_call_func", _dygraph_call_func)


def _enter(kind: str) -> None:
    calls = _running.calls[-1]
    before = calls[kind] = calls.get(kind, -1) + 1
    _running.names.append(f"{kind}_{before}" if before else kind)
    _running.calls.append({})
