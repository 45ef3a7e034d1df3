"""What the probes of a watch need of it: a protocol, so that a probe can be read without the session that fills it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any, Protocol

from shapetrace.capture.ending import Ending
from shapetrace.capture.model import Model
from shapetrace.capture.probes.bytecode import BytecodeTracer
from shapetrace.capture.probes.control_flow import Flows
from shapetrace.capture.probes.during import During
from shapetrace.capture.probes.failures import Refusal
from shapetrace.capture.probes.iteration import Iterations
from shapetrace.capture.probes.skips import Skips
from shapetrace.capture.probes.specs import Specs
from shapetrace.capture.probes.tensor_uses import TensorUses
from shapetrace.capture.tape import Tape
from shapetrace.patching import Transaction
from shapetrace.trace import Request


class Witness(Protocol):
    """Whoever tells outside the process what happens in it; `shapetrace.capture.witness.Witness` is one."""

    def opened(self) -> None:
        """The watch is open."""
        ...

    def closing(self) -> None:
        """The watch closes."""
        ...

    def op(self, name: str, operands: Any, frame: FrameType | None) -> None:
        """An op is about to be made of operands, by a frame."""
        ...

    def made(self) -> None:
        """That op is made."""
        ...

    def begins(self) -> None:
        """A conversion begins."""
        ...

    def ended(self) -> None:
        """All conversions that have begun have ended."""
        ...


class Listener(Protocol):
    """An open watch, as its probes know it; `shapetrace.capture.session.Session` is one."""

    tape: Tape
    during: During
    skips: Skips
    steps: BytecodeTracer
    specs: Specs
    tensor_uses: TensorUses
    iterations: Iterations
    flows: Flows
    ending: Ending
    wrappers: dict[int, Callable[..., Any]]
    """The ops of Paddle 3.x as they are during a conversion, by id of the function that each wraps."""
    requests: list[Request]
    """The programs that were asked for."""
    witness: Witness | None
    """Is told what would be lost if the process died."""
    refusal: Refusal | None
    """The last op that raised while something is being converted."""

    def fault(self, what: str, error: BaseException) -> None:
        """Keep what went wrong in shapetrace itself. Raises nothing."""
        ...

    def begin(self, function_spec: Any, input_spec: Any) -> None:
        """A conversion begins."""
        ...

    def complete(self, concrete: Any, layer: Any) -> None:
        """The running conversion has its whole program; `layer` is what was converted, or None for a function."""
        ...

    def failed(self, error: BaseException, program: Any = None) -> None:
        """The running conversion fails with `error`, whose frames still exist; its program, if not the default one."""
        ...

    def ended(self, error: BaseException) -> None:
        """The running conversion has ended with `error`, which was raised before or after the user's code ran if it is not known."""
        ...

    def interrupted(self, error: BaseException) -> None:
        """What is no `Exception` ends the running conversion: Ctrl-C, a limit."""
        ...

    def go_on(self, build: Callable[[], Any], model: Model) -> None:
        """The running conversion has failed; `build` builds it again, of a model."""
        ...

    def paused(self) -> AbstractContextManager[None]:
        """Nothing that happens in here is recorded."""
        ...


Probe = Callable[[Listener, Transaction], None]
"""Patches something of Paddle's through the transaction, and tells the listener."""
