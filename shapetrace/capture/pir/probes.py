"""Probes for the programs of Paddle 3.x, which are PIR: what is patched while a watch is open, and what only during conversions.

| patched | why |
| --- | --- |
| `paddle.pir.Value.shape` | unknown dims reach Python as `Dim`s |
| `ConcreteProgram.pir_from_func_spec` | where a conversion begins and ends |
| during conversions: every function of `paddle._C_ops` | sees the dims that reach an op |
| during conversions: `paddle.pir.Value.__hash__`, `__format__` | tensors that hold a dim, taken for the number (`tensor_uses.py`) |

Known to fit 3.0 to 3.3. Each target is checked before it is patched; one that does not fit is left alone and
named in the trace. What Paddle raises through one of these shows no frame of ours.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from shapetrace.capture import identity
from shapetrace.capture.guarding import guard
from shapetrace.capture.probes.failures import Refusal
from shapetrace.capture.source import frames
from shapetrace.capture.source.call_arguments import dims_in
from shapetrace.dim import NUMBERS
from shapetrace.facts import op_arguments

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction


_REMEMBERING = frozenset(map(id, NUMBERS))
"""Ids of the types of numbers that remember: their comparison is in Python."""


def operations(listener: Listener, transaction: Transaction) -> None:
    """Watch the ops that are made, and the dims among what they are given."""
    import paddle

    module = paddle._C_ops
    wrappers = listener.wrappers
    functions = {
        name: function for name, function in vars(module).items() if not name.startswith("_") and callable(function)
    }
    for name, function in functions.items():
        if id(function) not in wrappers:  # they are kept for the next conversion, and so is what they are of
            wrappers[id(function)] = _operation(listener, name, function)
    transaction.set_all(module, {name: wrappers[id(function)] for name, function in functions.items()})


def _operation(listener: Listener, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    tape = listener.tape
    ending = listener.ending
    witness = listener.witness
    names: dict[int, str] = {}

    def operation(*args: Any, **kwargs: Any) -> Any:
        if ending.pending is not None:
            ending.check()
        given: Iterable[tuple[int | str, Any]] = (*enumerate(args), *kwargs.items()) if kwargs else enumerate(args)
        for position, value in given:
            kind = type(value)
            if (id(kind) in _REMEMBERING or isinstance(value, list | tuple)) and not tape.closed:
                with guard(listener.fault, f"an argument of {name} could not be followed"):
                    dims = [dim for dim, _ in dims_in(value, 1)]
                    if dims:
                        names.update(names or {number.position: number.name for number in op_arguments.numbers(name)})
                        argument = position if isinstance(position, str) else names.get(position, "")
                        tape.passed(sys._getframe(1), dims, name, argument)
        if tape.entering and not tape.closed:
            with guard(listener.fault, f"an argument of {name} could not be followed"):
                tape.entered(sys._getframe(1), name)
        if witness is not None:
            witness.op(name, args, sys._getframe(1))
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            if not tape.closed:
                listener.refusal = Refusal(error, lambda: (name, (*args, *kwargs.values())))
            frames.leave_no_frame(error)
            raise
        if witness is not None:
            witness.made()
        if len(tape.arguments) > tape.untaken and not tape.closed:
            with guard(listener.fault, f"what {name} made could not be followed"):
                first = result[0] if isinstance(result, list | tuple) and result else result
                tape.taken(sys._getframe(1), name, identity.made(first) if identity.is_symbolic(first) else None)
        return result

    return functools.update_wrapper(operation, function, assigned=("__module__", "__name__", "__doc__"), updated=())


def tensors(listener: Listener, transaction: Transaction) -> None:
    """Watch what Python takes a tensor for."""
    import paddle

    listener.tensor_uses.install(transaction, paddle.pir.Value)
    listener.iterations.install(transaction, paddle.pir.Value)
