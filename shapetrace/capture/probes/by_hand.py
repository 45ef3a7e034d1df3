"""Programs that nobody converts: those that the user's code builds itself, under `paddle.static.program_guard`.

Each program in which a dim is read outside of a conversion counts as a conversion of its own. It is recorded when the watch
closes, and fails with the exception that leaves the watch, if one does while it is being built.
"""

from __future__ import annotations

from typing import Any, Protocol

from shapetrace.capture.guarding import guard
from shapetrace.capture.probes.during import During
from shapetrace.capture.tape import Tape
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Input, Trace

FUNCTION = "static program"
"""In the place of the name of a converted function."""


class Recorder(Protocol):
    """Whoever records programs; the session of a watch."""

    trace: Trace
    tape: Tape
    during: During

    def keep(self, program: Any) -> None:
        """Record the program of the running conversion."""
        ...

    def failed(self, error: BaseException, program: Any = None) -> None:
        """The running conversion fails with `error`; its program, if not the default one."""
        ...

    def fault(self, what: str, error: BaseException) -> None:
        """Keep what went wrong in shapetrace itself."""
        ...


class ByHand:
    """The programs of one watch that are built by hand."""

    def __init__(self, session: Recorder) -> None:
        self._session = session
        self._programs: dict[int, Any] = {}  # by index of the conversion
        self._closed = False

    def running(self, conversion: int) -> int:
        """The conversion that is running, or what the program that is being built by hand counts as.

        Args:
            conversion: The one known to run, or -1. A real one is returned as it is.

        Returns:
            Its index; -1 where nothing is being built.
        """
        if conversion >= 0 and conversion not in self._programs:
            return conversion
        import paddle

        if self._closed or paddle.in_dynamic_mode():
            return -1
        program = paddle.static.default_main_program()
        for index, built in self._programs.items():
            if built is program or built == program:
                return index
        index = self._session.trace.add(Conversion(function=FUNCTION))
        if not self._programs:
            self._session.during.begin()  # nobody says when a program is complete: until the watch closes
        self._programs[index] = program
        return index

    def close(self, error: BaseException | None) -> None:
        """Record the programs. `error` is what leaves the watch."""
        self._closed = True
        running = self._session.tape.conversion
        for index, program in self._programs.items():
            self._session.tape.conversion = index
            with guard(self._session.fault, "a program that was built by hand could not be recorded"):
                self._close(index, program, error if index == running else None)
        self._session.tape.conversion = running

    def _close(self, index: int, program: Any, error: BaseException | None) -> None:
        conversion = self._session.trace.conversions[index]
        if conversion.failure is None:  # else another thread was converting when the watch opened, and this is kept
            if error is None:
                self._session.keep(program)
            else:
                self._session.failed(error, program)
        conversion.inputs = [
            Input(tensor.name, tensor.shape, tensor.dtype) for tensor in conversion.tensors if tensor.op in ops.INPUTS
        ]
