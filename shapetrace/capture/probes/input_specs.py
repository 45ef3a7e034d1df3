"""Watches where specs are made, and which are asked for in vain (`specs.py`).

| patched | why |
| --- | --- |
| `paddle.static.InputSpec.__init__` | the user's line that makes a spec |
| `ASTStaticFunction.concrete_program_specify_input_spec` | the spec given to `jit.save`, which that of `to_static` overrules |

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
        try:
            original(self, *args, **kwargs)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        if not listener.tape.closed:
            with guard(listener.fault, "a spec could not be noted"):
                listener.specs.made(self, sys._getframe(1))

    transaction.set(InputSpec, "__init__", __init__)


def watch_overruled(listener: Listener, transaction: Transaction) -> None:
    """Watch which specs are asked for and do not count."""
    from paddle.jit.dy2static.program_translator import ASTStaticFunction

    original = ASTStaticFunction.concrete_program_specify_input_spec

    @functools.wraps(original)
    def concrete_program_specify_input_spec(self: Any, input_spec: Any = None, *args: Any, **kwargs: Any) -> Any:
        raised = True
        try:
            concrete = original(self, input_spec, *args, **kwargs)
            raised = False
            return concrete
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        finally:
            if input_spec is not None and not listener.tape.closed:
                with guard(listener.fault, "a spec that was asked for could not be noted"):
                    listener.specs.overruled(self._function_spec, input_spec, sys._getframe(1), raised)

    transaction.set(ASTStaticFunction, "concrete_program_specify_input_spec", concrete_program_specify_input_spec)
