"""Runs what follows in a child, and waits for it in a process that has nothing to do with Paddle, whatever ends the child.

The process that was started is the one that waits, so that whoever started it goes on when the report is there, and finds that
it has ended just as the child did. The child has the terminal, the process group and all open files of its parent, and gets
each signal that it would have got alone: the terminal sends its signals to both, and those that another process sends to the parent are
handed on.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import NamedTuple

_PR_SET_PDEATHSIG = 1
_SI_USER = 0
"""`si_code` of a signal that a process has sent; those of the system are greater."""


class Ended(NamedTuple):
    """How the child ended."""

    code: int
    """Its exit code; the negative number of the signal that it died of."""
    memory: int
    """Bytes that it had in use at the most (resident)."""

    @property
    def how(self) -> str:
        """In words."""
        return f"exit code {self.code}" if self.code >= 0 else signal_name(-self.code)


def signal_name(number: int) -> str:
    """`SIGABRT`; the number of a signal that has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def possible() -> bool:
    """Whether this system has all that it takes."""
    return sys.platform == "linux"


def attend() -> Ended | None:
    """Go on in a child.

    Returns:
        None in the child; in the parent, once the child has ended, how.

    Raises:
        OSError: There is no room for another process.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    every = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
    heeded = {number for number in every if signal.getsignal(number) != signal.SIG_IGN} | {signal.SIGCHLD}
    children = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # one that is ignored could not be waited for
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, heeded)
    parent = os.getpid()
    child = os.fork()
    if child:
        try:
            return _wait(child, heeded)
        finally:
            while signal.sigtimedwait(heeded, 0) is not None:
                pass  # it was for both, and the child has had it
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if children is not None:
        signal.signal(signal.SIGCHLD, children)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    _die_with(parent)
    return None


def die(number: int) -> None:
    """End this process by a signal, without a second core dump. Returns where the system does not let it, as in a container's first process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)


def _wait(child: int, heeded: set[signal.Signals]) -> Ended:
    """Wait for the end of the child, and stand in for it meanwhile."""
    while True:
        came = signal.sigwaitinfo(heeded)
        if came.si_signo != signal.SIGCHLD:
            if came.si_code <= _SI_USER:
                os.kill(child, came.si_signo)
            continue
        number, status, usage = os.wait4(child, os.WNOHANG | os.WUNTRACED)
        if number and os.WIFSTOPPED(status):
            os.kill(os.getpid(), signal.SIGSTOP)  # so that the shell sees that the job has stopped
            os.kill(child, signal.SIGCONT)
        elif number:
            return Ended(os.waitstatus_to_exitcode(status), usage.ru_maxrss << 10)


def _die_with(parent: int) -> None:
    """Have this process killed when its parent is."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
