"""Probes for Paddle 2.6, whose programs are blocks of named variables: what is patched while a watch is open.

| patched | why |
| --- | --- |
| `paddle.static.Variable.shape` | unknown dims reach Python as `Dim`s |
| `paddle.base.framework.Block.append_op` | sees the dims that reach an op |
| `ConcreteProgram.from_func_spec` | where a conversion begins and ends |
| `paddle.jit.dy2static.error.ErrorData.__init__` | the frames of a failing conversion still exist there |
| `paddle.jit.dy2static.Call` and its original | what the conversion runs as it stands |
| `paddle.static.Variable.__hash__`, `__format__`, `__bool__` | tensors that hold a dim, taken for the number (`tensor_uses.py`) |
| `paddle.static.InputSpec` and one method more | where the specs come from (`specs.py`) |
| `paddle.nn.Layer._dygraph_call_func` | which layer is running; 3.x keeps that itself (`layer_paths.py`) |
| `type` in modules that ask for exact ints | `Dim`s are none (`exact_types.py`) |
| `traceback` in two modules of Paddle | keeps the wrappers' frames out of the program and the error text |

The last one matters: 2.6 keeps the call stack of every op in the program, and `jit.save` writes it to the file.

Known to fit 2.6.2. Each target is checked before it is patched; one that does not fit is left alone and named in the
trace.
"""

from __future__ import annotations

import functools
import sys
import traceback
from typing import TYPE_CHECKING, Any

from shapetrace.capture import frames, layer_paths, legacy_ops, legacy_program, pir, specs
from shapetrace.capture.call_stacks import look_once, summarise_once
from shapetrace.capture.exact_types import answer_exact_types
from shapetrace.capture.tape import dims_in

if TYPE_CHECKING:
    from shapetrace.capture.session import Session
    from shapetrace.patching import Transaction

_RUN = frames.OWN_DIRECTORY + "cli/program.py"


def install(session: Session, transaction: Transaction) -> None:
    """Open all probes. What cannot be opened is noted on the session."""
    session.record = legacy_program.record
    probes = (
        *(_call_stacks, _stacks, _shapes, _operations, _conversions, pir.errors, pir.calls, _tensors, _layers),
        answer_exact_types,
        *(specs.watch_specs, specs.watch_overruled, look_once, summarise_once),
    )
    pir.open_probes(probes, session, transaction)


def _shapes(session: Session, transaction: Transaction) -> None:
    from paddle.static import Variable

    pir.shapes(session, transaction, Variable)


def _operations(session: Session, transaction: Transaction) -> None:
    from paddle.base.framework import Block

    original = Block.append_op
    tape = session.tape

    @functools.wraps(original)
    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not tape.closed:
            kind = kwargs.get("type")
            try:
                name = legacy_ops.name(str(kind))
                for attribute, value in (kwargs.get("attrs") or {}).items():
                    dims = [dim for dim, _ in dims_in(value, 1)]
                    if dims:
                        tape.passed(sys._getframe(1), dims, name, legacy_ops.attribute(name, attribute))
            except Exception as error:
                session.fault(f"an argument of {kind} could not be followed", error)
        op = original(self, *args, **kwargs)
        if not tape.closed:
            try:
                layer_paths.note(op)
            except Exception as error:
                session.fault("the layer of an op could not be noted", error)
        return op

    transaction.set(Block, "append_op", operation)


def _conversions(session: Session, transaction: Transaction) -> None:
    pir.conversions(session, transaction, "from_func_spec")


def _tensors(session: Session, transaction: Transaction) -> None:
    from paddle.static import Variable

    session.tensor_uses.install(transaction, Variable)


def _layers(session: Session, transaction: Transaction) -> None:
    layer_paths.install(session, transaction)


def _call_stacks(session: Session, transaction: Transaction) -> None:
    from paddle.base import framework

    transaction.set(framework, "traceback", _Traceback(framework.traceback.__name__))


def _stacks(session: Session, transaction: Transaction) -> None:
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
            if item.filename == _RUN:
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
