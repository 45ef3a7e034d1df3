"""Probes that are open only while something is being converted.

Most of what is patched matters to a conversion alone. Outside of one, a script under watch trains, prints tracebacks and
edits files as it would without: Paddle's functions, `traceback` and `linecache` are the ones it knows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from shapetrace.patching import Transaction

if TYPE_CHECKING:
    from shapetrace.capture.session import Session

    Probe = Callable[[Session, Transaction], None]


class During:
    """Opens probes when the first of the running conversions begins, and closes them when the last one has ended.

    Args:
        session: Told of probes that cannot be opened.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.RLock()
        self._probes: list[Probe] = []
        self._open = Transaction()
        self._running = 0
        self._closed = False

    def install(self, probes: Iterable[Probe], transaction: Transaction) -> None:
        """Open each of the probes once, for a moment. Those that cannot be opened are noted, and never tried again.

        Args:
            probes: What to open during conversions, in this order.
            transaction: Closes them for good.
        """
        transaction.callback(self.close)
        rehearsal = Transaction()
        try:
            self._probes += open_probes(probes, self._session, rehearsal)
        finally:
            rehearsal.undo()

    def begin(self) -> None:
        """A conversion begins."""
        with self._lock:
            self._running += 1
            if self._running == 1 and not self._closed:
                try:
                    self._undo()  # what could not be closed when the last conversion ended
                    self._open = Transaction()
                    open_probes(self._probes, self._session, self._open)
                except Exception as error:
                    self._session.fault("the probes of a conversion could not be opened", error)

    def end(self) -> None:
        """A conversion that has begun ends."""
        with self._lock:
            self._running -= 1
            if not self._running:
                try:
                    self._undo()
                except Exception as error:
                    self._session.fault("the probes of a conversion could not be closed", error)

    def close(self) -> None:
        """Close the probes, even while a conversion is running, and open them no more."""
        with self._lock:
            self._closed = True
            self._undo()

    def _undo(self) -> None:
        try:
            self._open.undo()
        finally:
            notes = self._session.trace.notes
            notes += [sentence for sentence in self._open.left if sentence not in notes]
            self._open.left.clear()
            self._session.refusal = None  # it holds the user's tensors


def open_probes(probes: Iterable[Probe], session: Session, transaction: Transaction) -> list[Probe]:
    """Open probes one by one. One that cannot be opened whole is not opened at all, and noted on the session.

    Returns:
        Those that are open.
    """
    opened = []
    for probe in probes:
        try:
            with transaction.part() as part:
                probe(session, part)
            opened.append(probe)
        except Exception as error:
            session.fault(f"{probe.__name__.strip('_')} cannot be watched on this Paddle", error)
    return opened
