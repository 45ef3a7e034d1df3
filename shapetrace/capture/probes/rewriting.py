"""What dy2static does with Python: what it converts and what it leaves, what rewritten code reads names through, and how it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapetrace.capture.guarding import guard
from shapetrace.capture.probes import logic
from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction


def errors(listener: Listener, transaction: Transaction) -> None:
    """Watch the errors that Paddle is about to raise anew."""
    from paddle.jit.dy2static.error import ErrorData

    original = ErrorData.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if listener.tape.closed:
            return
        with guard(listener.fault, "a failing conversion could not be recorded"):
            lines = self.origin_traceback  # the message that Paddle makes of it is the user's to see
            lines[:] = [line for line in lines if frames.kind(line.filename) is not frames.OWN]
            for raised in (*args, *kwargs.values()):
                if isinstance(raised, BaseException):
                    listener.failed(raised)
                    return

    transaction.set(ErrorData, "__init__", __init__)


def calls(listener: Listener, transaction: Transaction) -> None:
    """Watch what Paddle converts and what it leaves as it is."""
    from paddle.jit import dy2static
    from paddle.jit.dy2static import convert_call_func

    transaction.set(dy2static, "Call", listener.skips.listen(dy2static.Call))
    transaction.set(convert_call_func, "convert_call", listener.skips.listen(convert_call_func.convert_call))
    # `convert_call` hands this one out for `range`.
    transaction.set(convert_call_func, "convert_range", listener.steps.convert_range(convert_call_func.convert_range))


def enumerations(listener: Listener, transaction: Transaction) -> None:
    """Watch what rewritten code has for `enumerate(x)`."""
    from paddle.jit.dy2static.convert_operators import VariableTuple

    listener.iterations.install(transaction, VariableTuple, lambda pairs: pairs.var)


def loads(listener: Listener, transaction: Transaction) -> None:
    """Watch what rewritten code reads names through."""
    listener.tensor_uses.install_isinstance(transaction)


def operands(listener: Listener, transaction: Transaction) -> None:
    """Watch what rewritten code has for `and` and `or`."""
    logic.install(transaction, listener.tensor_uses.operand, listener.fault)


def statements(listener: Listener, transaction: Transaction) -> None:
    """Watch the `if`s and loops that become part of a program."""
    listener.flows.install(transaction)
