"""Ends a conversion from outside, at a place where that is safe: Ctrl-C, SIGTERM, a limit on time or memory.

Python raises what a signal handler raises at any instruction, and Paddle's C++ calls Python in the middle of making an op (for the op's call
stack). An exception there ends the process by SIGSEGV every other time. So it waits until an op is about to be made, or a tensor to be
indexed, by Python code; where none is for a while, it is raised wherever Python is.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from shapetrace.patching import Transaction

PATIENCE = 3.0
"""Seconds after which it is raised anywhere."""


class Ending:
    """Asks the running conversion to end.

    Args:
        converting: Whether a conversion is running.
    """

    def __init__(self, converting: Callable[[], bool]) -> None:
        self._converting = converting
        self.pending: type[BaseException] | None = None
        """What is to be raised at the next safe place."""
        self._thread = 0

    def ask(self, kind: type[BaseException], thread: int) -> None:
        """Have an exception raised in a thread: soon in a conversion, and at once where none is running."""
        if not self._converting():
            _raise_in(thread, kind)
            return
        self.pending, self._thread = kind, thread
        timer = threading.Timer(PATIENCE, self.insist)
        timer.daemon = True
        timer.start()

    def check(self) -> None:
        """This is a safe place."""
        kind, self.pending = self.pending, None
        if kind is not None:
            raise kind

    def insist(self) -> None:
        """Wait no longer for a safe place: none has come for a while, or the conversion has ended first."""
        kind, self.pending = self.pending, None
        if kind is not None:
            _raise_in(self._thread, kind)

    def drop(self) -> None:
        """Raise nothing any more: what was to end has ended."""
        self.pending = None

    def defer_signals(
        self, terminated: type[BaseException], deferred: Callable[[], None]
    ) -> Callable[[Transaction], None]:
        """A probe for the time of conversions: signals that the script leaves as they are wait for a safe place.

        Args:
            terminated: What to raise for SIGTERM.
            deferred: Called when none of them waits any more.
        """

        def signals(transaction: Transaction) -> None:
            if threading.current_thread() is threading.main_thread():
                transaction.callback(deferred)
                self._defer(transaction, signal.SIGINT, signal.default_int_handler, KeyboardInterrupt)
                self._defer(transaction, signal.SIGTERM, signal.SIG_DFL, terminated)

        return signals

    def _defer(self, transaction: Transaction, number: signal.Signals, usual: Any, kind: type[BaseException]) -> None:
        if signal.getsignal(number) != usual:
            return

        def handle(number: int, frame: FrameType | None) -> None:
            self.ask(kind, threading.main_thread().ident or 0)

        signal.signal(number, handle)
        transaction.callback(lambda: signal.getsignal(number) is handle and signal.signal(number, usual))


def _raise_in(thread: int, kind: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind))
