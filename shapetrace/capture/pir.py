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
import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shapetrace.capture import arguments, frames
from shapetrace.capture.call_arguments import dims_in
from shapetrace.capture.failures import Refusal
from shapetrace.dim import NUMBERS

if TYPE_CHECKING:
    from shapetrace.capture.session import Session
    from shapetrace.patching import Transaction


_REMEMBERING = frozenset(map(id, NUMBERS))
"""Ids of the types of numbers that remember: their comparison is in Python."""


def _shapes(session: Session, transaction: Transaction) -> None:
    import paddle

    shapes(session, transaction, paddle.pir.Value, pir=True)


def shapes(session: Session, transaction: Transaction, owner: type, *, pir: bool) -> None:
    """Watch the property `shape` of a class: the unknown dims in it become `Dim`s.

    Args:
        session: Gets the original.
        transaction: Takes it back.
        owner: The class of the tensors of a program.
        pir: Whether of a program of 3.x.
    """
    original = owner.__dict__["shape"]
    get = original.fget
    tape = session.tape
    session.shape_of[pir] = get

    def shape(self: Any) -> Any:
        try:
            sizes = get(self)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        if tape.closed or not sizes or min(sizes) >= 0:
            return sizes
        dims = sizes if isinstance(sizes, list) else list(sizes)  # a tuple on 2.6, and it stays one
        try:
            tape.read(self, dims, sys._getframe(1))
        except Exception as error:
            session.fault("a dim could not be followed", error)
        return sizes if dims is sizes else tuple(dims)

    transaction.set(owner, "shape", property(shape, original.fset, original.fdel, original.__doc__))


def _operations(session: Session, transaction: Transaction) -> None:
    import paddle

    module = paddle._C_ops
    wrappers = session.wrappers
    functions = {
        name: function for name, function in vars(module).items() if not name.startswith("_") and callable(function)
    }
    for name, function in functions.items():
        if id(function) not in wrappers:  # they are kept for the next conversion, and so is what they are of
            wrappers[id(function)] = _operation(session, name, function)
    transaction.set_all(module, {name: wrappers[id(function)] for name, function in functions.items()})


def _operation(session: Session, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    tape = session.tape
    names: dict[int, str] = {}

    def operation(*args: Any, **kwargs: Any) -> Any:
        for position, value in enumerate(args):
            kind = type(value)
            if (id(kind) in _REMEMBERING or isinstance(value, list | tuple)) and not tape.closed:
                try:
                    dims = [dim for dim, _ in dims_in(value, 1)]
                    if dims:
                        names.update(names or {number.position: number.name for number in arguments.numbers(name)})
                        tape.passed(sys._getframe(1), dims, name, names.get(position, ""))
                except Exception as error:
                    session.fault(f"an argument of {name} could not be followed", error)
        if tape.entering and not tape.closed:
            try:
                tape.entered(sys._getframe(1), name)
            except Exception as error:
                session.fault(f"an argument of {name} could not be followed", error)
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if not tape.closed:
                session.refusal = Refusal(error, lambda: (name, (*args, *kwargs.values())))
            frames.leave_no_frame(error)
            raise

    return functools.update_wrapper(operation, function, assigned=("__module__", "__name__", "__doc__"), updated=())


def _conversions(session: Session, transaction: Transaction) -> None:
    conversions(session, transaction, "pir_from_func_spec")


def conversions(session: Session, transaction: Transaction, builder: str) -> None:
    """Watch the method of Paddle's `ConcreteProgram` that builds programs."""
    from paddle.jit.dy2static.program_translator import ConcreteProgram

    original = getattr(ConcreteProgram, builder)

    signature = inspect.signature(original)
    if missing := {"func_spec", "input_spec", "class_instance"} - signature.parameters.keys():
        raise AttributeError(f"{builder} takes no {', '.join(sorted(missing))}")

    def from_func_spec(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs) if session.tape.closed else watched(*args, **kwargs)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise

    def watched(*args: Any, **kwargs: Any) -> Any:
        outer = session.tape.conversion
        begun = False
        try:
            begun = _guarded(session, session.during.begin)
            return converted(*args, **kwargs)
        finally:
            if begun:
                _guarded(session, session.during.end)
            session.tape.conversion = outer

    def converted(*args: Any, **kwargs: Any) -> Any:
        outer = session.tape.conversion
        try:
            given = signature.bind(*args, **kwargs).arguments
            session.begin(given["func_spec"], given["input_spec"])
        except Exception as error:
            session.fault("a conversion could not be recorded", error)
            session.tape.conversion = outer
            with session.paused():  # what happens in it belongs to no conversion that is known
                return original(*args, **kwargs)
        try:
            concrete = original(*args, **kwargs)
        except Exception:
            try:
                session.go_on(lambda: original(*args, **kwargs))
            except Exception as error:
                session.fault("the rest of a failed conversion could not be looked at", error)
            raise
        try:
            session.complete(concrete, given["class_instance"])
        except Exception as error:
            session.fault("a conversion could not be recorded", error)
        return concrete

    transaction.set(ConcreteProgram, builder, staticmethod(from_func_spec))


def _guarded(session: Session, step: Callable[[], None]) -> bool:
    """Take a step of ours; whether nothing was raised. The conversion goes on in either case."""
    try:
        step()
        return True
    except Exception as error:
        session.fault("the probes of a conversion could not be opened or closed", error)
        return False


def errors(session: Session, transaction: Transaction) -> None:
    """Watch the errors that Paddle is about to raise anew."""
    from paddle.jit.dy2static.error import ErrorData

    original = ErrorData.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if session.tape.closed:
            return
        try:
            lines = self.origin_traceback  # the message that Paddle makes of it is the user's to see
            lines[:] = [line for line in lines if frames.kind(line.filename) is not frames.OWN]
            for raised in (*args, *kwargs.values()):
                if isinstance(raised, BaseException):
                    session.failed(raised)
                    return
        except Exception as error:
            session.fault("a failing conversion could not be recorded", error)

    transaction.set(ErrorData, "__init__", __init__)


def calls(session: Session, transaction: Transaction) -> None:
    """Watch what Paddle converts and what it leaves as it is."""
    from paddle.jit import dy2static
    from paddle.jit.dy2static import convert_call_func

    transaction.set(dy2static, "Call", session.skips.listen(dy2static.Call))
    transaction.set(convert_call_func, "convert_call", session.skips.listen(convert_call_func.convert_call))
    # `convert_call` hands this one out for `range`.
    transaction.set(convert_call_func, "convert_range", session.steps.convert_range(convert_call_func.convert_range))


def _tensors(session: Session, transaction: Transaction) -> None:
    import paddle

    session.tensor_uses.install(transaction, paddle.pir.Value)


def loads(session: Session, transaction: Transaction) -> None:
    """Watch what rewritten code reads names through."""
    session.tensor_uses.install_isinstance(transaction)


ALWAYS = (_shapes, _conversions)
"""Probes that are open as long as the watch."""
DURING = (_operations, _tensors)
"""Probes that are open while something is being converted."""
