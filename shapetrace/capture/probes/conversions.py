"""Where a conversion begins and ends: the static methods of Paddle's `ConcreteProgram` that build programs.

Every conversion goes through one of them, whichever public function of Paddle's asked for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shapetrace.capture.guarding import guard
from shapetrace.capture.model import Model
from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction

_NAMES = ("pir_from_func_spec", "from_func_spec")
"""The one of the new program representation and the one of the old; 2.6.2 and 3.0 to 3.3 have both."""

Build = Callable[..., Any]


def wrap(transaction: Transaction, around: Callable[[Build], Build]) -> None:
    """Put a wrapper around each of them.

    Args:
        transaction: Takes the wrappers off.
        around: Makes the wrapper of a builder, which takes the function's spec, the input spec, the same by keyword, and
            the layer or None.
    """
    from paddle.jit.dy2static.program_translator import ConcreteProgram

    for name in _NAMES:
        if isinstance(build := vars(ConcreteProgram).get(name), staticmethod):
            transaction.set(ConcreteProgram, name, staticmethod(around(build.__func__)))


def watch_conversions(listener: Listener, transaction: Transaction, builder: str) -> None:
    """Watch the method of Paddle's `ConcreteProgram` that builds programs."""
    from paddle.jit.dy2static.program_translator import ConcreteProgram

    original = getattr(ConcreteProgram, builder)

    signature = inspect.signature(original)
    if missing := {"func_spec", "input_spec", "class_instance"} - signature.parameters.keys():
        raise AttributeError(f"{builder} takes no {', '.join(sorted(missing))}")

    def from_func_spec(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs) if listener.tape.closed else watched(*args, **kwargs)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise

    def watched(*args: Any, **kwargs: Any) -> Any:
        outer = listener.tape.conversion
        begun = False
        try:
            begun = _guarded(listener, listener.during.begin)
            return converted(*args, **kwargs)
        finally:
            if begun:
                _guarded(listener, listener.during.end)
            listener.tape.conversion = outer

    def converted(*args: Any, **kwargs: Any) -> Any:
        outer = listener.tape.conversion
        try:
            arguments = signature.bind(*args, **kwargs).arguments
            listener.begin(arguments["func_spec"], arguments["input_spec"])
        except Exception as error:
            listener.fault("a conversion could not be recorded", error)
            listener.tape.conversion = outer
            with listener.paused():  # what happens in it belongs to no conversion that is known
                return original(*args, **kwargs)
        try:
            concrete = original(*args, **kwargs)
        except Exception as error:
            with guard(listener.fault, "the end of a conversion could not be recorded"):
                listener.ended(error)
            with guard(listener.fault, "the rest of a failed conversion could not be looked at"):
                listener.go_on(lambda: original(*args, **kwargs), _model(arguments))
            raise
        except BaseException as error:
            with guard(listener.fault, "the end of a conversion could not be recorded"):
                listener.interrupted(error)
            raise
        with guard(listener.fault, "a conversion could not be recorded"):
            listener.complete(concrete, arguments["class_instance"])
        return concrete

    transaction.set(ConcreteProgram, builder, staticmethod(from_func_spec))


def _model(arguments: dict[str, Any]) -> Model:
    """What is converted, by the arguments of the builder."""
    spec, keywords = arguments["input_spec"] or (), arguments.get("input_kwargs_spec") or {}
    return Model(arguments["func_spec"].dygraph_function, arguments["class_instance"], tuple(spec), dict(keywords))


def _guarded(listener: Listener, step: Callable[[], None]) -> bool:
    """Take a step of ours; whether nothing was raised. The conversion goes on in either case."""
    try:
        step()
        return True
    except Exception as error:
        listener.fault("the probes of a conversion could not be opened or closed", error)
        return False
