"""Probes for the programs of Paddle 2.6, which are blocks of named variables. Paddle 3 builds them too, where it is told to.

| patched | why |
| --- | --- |
| `paddle.static.Variable.shape` | unknown dims reach Python as `Dim`s |
| `paddle.base.framework.Block.append_op` | sees the dims that reach an op |
| `ConcreteProgram.from_func_spec` | where a conversion begins and ends |
| `traceback` in `paddle.base.framework` | keeps the wrappers' frames out of the program |
| during conversions: `traceback` in `paddle.jit.dy2static.error` | keeps them out of the error text |
| during conversions: `paddle.static.Variable.__hash__`, `__format__`, `__bool__` | tensors that hold a dim, taken for the number (`tensor_uses.py`) |
| during conversions: `paddle.nn.Layer._dygraph_call_func` | which layer is running; 3.x keeps that itself (`layer_paths.py`) |

The fourth one matters: such a program keeps the call stack of every op, and `jit.save` writes it to the file.

Known to fit 2.6.2 and 3.0 to 3.3. Each target is checked before it is patched; one that does not fit is left alone and named in
the trace.
"""

from __future__ import annotations

import functools
import sys
import traceback
from typing import TYPE_CHECKING, Any

from shapetrace.capture import identity, layer_paths
from shapetrace.capture.guarding import guard
from shapetrace.capture.probes.failures import Refusal
from shapetrace.capture.source import frames
from shapetrace.capture.source.call_arguments import dims_in
from shapetrace.facts import legacy_ops

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction


def operations(listener: Listener, transaction: Transaction) -> None:
    """Watch the ops that are made, and the dims among what they are given."""
    from paddle.base.framework import Block

    original = Block.append_op
    tape = listener.tape
    witness = listener.witness

    @functools.wraps(original)
    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        if listener.ending.pending is not None:
            listener.ending.check()
        if not tape.closed:
            kind = kwargs.get("type")
            with guard(listener.fault, f"an argument of {kind} could not be followed"):
                name = legacy_ops.name(str(kind))
                for attribute, value in (kwargs.get("attrs") or {}).items():
                    dims = [dim for dim, _ in dims_in(value, 1)]
                    if dims:
                        tape.passed(sys._getframe(1), dims, name, legacy_ops.attribute(name, attribute))
                if tape.entering:
                    tape.entered(sys._getframe(1), name)
        if witness is not None and not tape.closed:
            with guard(listener.fault, "an op could not be told outside the process"):
                witness.op(*_call(kwargs), sys._getframe(1))
        try:
            op = original(self, *args, **kwargs)
        except BaseException as error:
            if not tape.closed:
                listener.refusal = Refusal(error, lambda: _call(kwargs))
            frames.leave_no_frame(error)
            raise
        if witness is not None:
            witness.made()
        if not tape.closed:
            with guard(listener.fault, "the layer of an op could not be noted"):
                layer_paths.note(op)
            if len(tape.arguments) > tape.untaken:
                with guard(listener.fault, f"what {kwargs.get('type')} made could not be followed"):
                    tape.taken(sys._getframe(1), legacy_ops.name(str(kwargs.get("type"))), (id(op), 0))
        return op

    transaction.set(Block, "append_op", operation)


def _call(arguments: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """The op of a call of `append_op` with what it got."""
    name = legacy_ops.name(str(arguments.get("type")))
    return name, tuple(legacy_ops.operands(name, arguments.get("inputs") or {}, arguments.get("attrs") or {}))


def tensors(listener: Listener, transaction: Transaction) -> None:
    """Watch what Python takes a tensor for."""
    from paddle.static import Variable

    listener.tensor_uses.install(transaction, Variable)
    listener.iterations.install(transaction, Variable)


def layers(listener: Listener, transaction: Transaction) -> None:
    """Watch which layer is running."""
    if identity.is_pir():
        return  # it is a program of 3.x that begins
    layer_paths.install(listener.fault, transaction)


def call_stacks(listener: Listener, transaction: Transaction) -> None:
    """Keep our frames out of the call stacks that programs keep."""
    from paddle.base import framework

    transaction.set(framework, "traceback", _Traceback(framework.traceback.__name__))


def stacks(listener: Listener, transaction: Transaction) -> None:
    """Keep our frames out of the text of errors."""
    from paddle.jit.dy2static import error

    transaction.set(error, "traceback", _Traceback(error.traceback.__name__))


class _Traceback(type(traceback)):  # type: ignore[misc]
    """The module `traceback` as it would be if nobody watched: stacks have no frames of ours.

    Nothing of ours is called in here. What fails would be raised in the conversion, or leave our frames in its files.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(traceback, name)

    @staticmethod
    def extract_stack(frame: Any = None, limit: int | None = None) -> traceback.StackSummary:
        """The stack of the caller."""
        stack = traceback.StackSummary()
        for item in traceback.extract_stack(frame or sys._getframe(1), limit):
            if item.filename == frames.RUN:
                stack.clear()
            elif not item.filename.startswith(frames.OWN_DIRECTORY):
                stack.append(item)
        return stack

    @staticmethod
    def extract_tb(tb: Any, limit: int | None = None) -> traceback.StackSummary:
        """The stack of a traceback."""
        stack = traceback.StackSummary()
        for item in traceback.extract_tb(tb, limit):
            if not item.filename.startswith(frames.OWN_DIRECTORY):
                stack.append(item)
        return stack
