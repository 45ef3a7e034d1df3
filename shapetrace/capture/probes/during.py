"""Probes that are open only while something is being converted.

Most of what is patched matters to a conversion alone. Outside of one, a script under watch trains, prints tracebacks and
edits files as it would without: Paddle's functions, `traceback` and `linecache` are the ones it knows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from shapetrace.capture.guarding import guard
from shapetrace.patching import Transaction
from shapetrace.said import Sentence

Opened = Callable[[Transaction], None]
"""A probe that knows whom it tells. Its `__name__` says what it watches."""
Fault = Callable[[str, BaseException], None]


class During:
    """Opens probes when the first of the running conversions begins, and closes them when the last one has ended.

    Args:
        fault: Told of probes that cannot be opened.
        ended: Told when the last conversion has ended, of what could not be taken back, a sentence each.
    """

    def __init__(self, fault: Fault, ended: Callable[[list[Sentence]], None]) -> None:
        self._fault = fault
        self._ended = ended
        self._lock = threading.RLock()
        self._probes: list[Opened] = []
        self._open = Transaction()
        self._running = 0
        self._closed = False

    def install(self, probes: Iterable[Opened], transaction: Transaction) -> None:
        """Open each of the probes once, for a moment. Those that cannot be opened are noted, and never tried again.

        Args:
            probes: What to open during conversions, in this order.
            transaction: Closes them for good.
        """
        transaction.callback(self.close)
        rehearsal = Transaction()
        try:
            self._probes += open_probes(probes, self._fault, rehearsal)
        finally:
            rehearsal.undo()

    def begin(self) -> None:
        """A conversion begins."""
        with self._lock:
            self._running += 1
            if self._running == 1 and not self._closed:
                with guard(self._fault, "the probes of a conversion could not be opened"):
                    self._undo()  # what could not be closed when the last conversion ended
                    self._open = Transaction()
                    open_probes(self._probes, self._fault, self._open)

    def end(self) -> None:
        """A conversion that has begun ends."""
        with self._lock:
            self._running -= 1
            if not self._running:
                with guard(self._fault, "the probes of a conversion could not be closed"):
                    self._undo()

    def close(self) -> None:
        """Close the probes, even while a conversion is running, and open them no more."""
        with self._lock:
            self._closed = True
            self._undo()

    def _undo(self) -> None:
        try:
            self._open.undo()
        finally:
            self._ended(self._open.left)
            self._open.left.clear()


def open_probes(probes: Iterable[Opened], fault: Fault, transaction: Transaction) -> list[Opened]:
    """Open probes one by one. One that cannot be opened whole is not opened at all, and noted.

    Returns:
        Those that are open.
    """
    opened = []
    for probe in probes:
        with guard(fault, f"{probe.__name__.strip('_')} cannot be watched on this Paddle"):
            with transaction.part() as part:
                probe(part)
            opened.append(probe)
    return opened
