"""Watches where specs are made, and what is asked for with them (`specs.py`).

| patched | why |
| --- | --- |
| `paddle.static.InputSpec.__init__` | the user's line that makes a spec |
| `ASTStaticFunction.concrete_program_specify_input_spec` | the programs that are asked for, and the specs given with that |

Nothing is put on the specs themselves: they compare, print and pickle as they would without a watch.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from shapetrace.capture.guarding import guard
from shapetrace.capture.listener import Listener
from shapetrace.capture.source import frames
from shapetrace.patching import Transaction


def watch_specs(listener: Listener, transaction: Transaction) -> None:
    """Watch where specs are made."""
    from paddle.static import InputSpec

    original = InputSpec.__init__

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        shape = args[0] if args else kwargs.get("shape")
        written = tuple(shape) if isinstance(shape, list | tuple) else ()  # Paddle writes into the user's list
        try:
            original(self, *args, **kwargs)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        if not listener.tape.closed:
            with guard(listener.fault, "a spec could not be noted"):
                listener.specs.made(self, written, sys._getframe(1))

    transaction.set(InputSpec, "__init__", __init__)


def watch_requests(listener: Listener, transaction: Transaction) -> None:
    """Watch which programs are asked for, and with which specs."""
    from paddle.jit.dy2static.program_translator import ASTStaticFunction

    original = ASTStaticFunction.concrete_program_specify_input_spec

    @functools.wraps(original)
    def concrete_program_specify_input_spec(self: Any, input_spec: Any = None, *args: Any, **kwargs: Any) -> Any:
        request, before = None, listener.specs.conversions
        if not listener.tape.closed:
            with guard(listener.fault, "a spec that was asked for could not be noted"):
                request = listener.specs.asked(self._function_spec, input_spec, sys._getframe(1))
        raised: BaseException | None = None
        try:
            return original(self, input_spec, *args, **kwargs)
        except BaseException as error:
            raised = error
            frames.leave_no_frame(error)
            raise
        finally:
            if request is not None:
                with guard(listener.fault, "a spec that was asked for could not be noted"):
                    listener.specs.answered(request, self._function_spec, before, raised)
                    listener.requests.append(request)
            raised = None  # its traceback holds this frame

    transaction.set(ASTStaticFunction, "concrete_program_specify_input_spec", concrete_program_specify_input_spec)
