"""Does a piece of work in a process of its own, forked from this one, while this one goes on.

What the work prints, changes, hangs in or dies of is no business of the user's process, nor is that there is such a process:
it is forked twice, so that it is nobody's child whom the user's `os.wait()` or handler of SIGCHLD could meet; it holds none of
the user's files open; and it ends by itself once it has used up what it may, or the user's process is gone. Its answer comes through a pipe.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import selectors
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn

_LENGTH = 8  # bytes that say how long an answer is
_PART = 1 << 20
_DEFAULTS = frozenset(
    {"SIGALRM", "SIGPROF", "SIGPIPE", "SIGCHLD", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTERM", "SIGIO"}
)
"""Signals that end the process as the system does it: Paddle's own handlers would print a stack first."""


class Limits(NamedTuple):
    """What a piece of work may use."""

    seconds: float = 60.0
    """Of wall time, from its start."""
    cpu: float = 60.0
    """Of CPU time."""
    memory: int = 1 << 30
    """Bytes of private memory beyond what the process that starts it holds."""


class Outcome(NamedTuple):
    """How a piece of work ended."""

    content: bytes
    """What it returned; nothing where it did not come to that."""
    how: str = ""
    """Why there is nothing: `it was cut short after 2 s`; empty where there is."""
    cut_short: bool = False
    """Whether it was ended because nobody waited any longer."""


def possible() -> bool:
    """Whether this system can fork."""
    return hasattr(os, "fork")


class Task:
    """A piece of work that is done in a process of its own, and that can be asked for later.

    Args:
        work: Returns bytes. What it raises is lost: it must put into them what is to be known of that.
        limits: What it may use.
        clock: Tells seconds.

    Raises:
        OSError: There is no room for another process, or no file is left to open.
    """

    def __init__(self, work: Callable[[], bytes], limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._limits = limits
        self._content = bytearray()
        self._outcome: Outcome | None = None
        self._owner = os.getpid()
        self._reading, self._process = _start(work, limits)

    @property
    def ended(self) -> bool:
        """Whether it has ended, one way or the other. Takes in what has come so far, and does not wait."""
        if os.getpid() != self._owner:  # forked by the user: what comes is for the other process
            self._outcome = self._outcome or Outcome(b"", "another process has started it")
        return self._outcome is not None or self._take_in()

    def outcome(self, seconds: float = 0.0) -> Outcome:
        """How it ended. One that has not is given so long, and then cut short.

        Args:
            seconds: Of wall time, from now; never more than its limits leave.
        """
        until = min(self._clock() + seconds, self._started + self._limits.seconds)
        if not self.ended:
            with selectors.DefaultSelector() as selector:
                selector.register(self._reading, selectors.EVENT_READ)
                while not self.ended and (left := until - self._clock()) > 0:
                    selector.select(left)
        if self._outcome is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process, signal.SIGKILL)  # its pipe is open: nobody else has its number yet
            self._end(f"it was cut short after {self._clock() - self._started:.1f} s", cut_short=True)
        assert self._outcome is not None
        return self._outcome

    def _take_in(self) -> bool:
        looking = select.poll()
        looking.register(self._reading, select.POLLIN)
        while looking.poll(0):  # a read that finds nothing would end the other side, as if nobody was left to read
            part = os.read(self._reading, _PART)
            if not part:
                self._end("it died, or used up what it may")
                return True
            self._content += part
        return False

    def _end(self, otherwise: str, cut_short: bool = False) -> None:
        """Keep what came, or that nothing did: `otherwise` says why."""
        os.close(self._reading)
        with contextlib.suppress(OSError):
            os.waitpid(self._process, 0)  # where we are the first process of a container, it has become our child
        content = _answer(self._content)
        self._outcome = Outcome(content, "" if content else otherwise, cut_short and not content)


def run(work: Callable[[], bytes], limits: Limits) -> Outcome:
    """Do a piece of work in a process of its own, and wait for it; for use in a process that is ours already.

    Args:
        work: Returns bytes.
        limits: What it may use.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(writing, work, limits)
    os.close(writing)
    content = bytearray()
    with os.fdopen(reading, "rb") as pipe:
        content += pipe.read()
    _, status = os.waitpid(child, 0)
    answer = _answer(content)
    if answer or not os.WIFSIGNALED(status):
        return Outcome(answer, "" if answer else "it died")
    number = os.WTERMSIG(status)
    if number in (signal.SIGPROF, signal.SIGALRM):
        return Outcome(b"", f"it did not end within {min(limits.cpu, limits.seconds):.2g} s")
    return Outcome(b"", f"it died of {signal.Signals(number).name}")


def _start(work: Callable[[], bytes], limits: Limits) -> tuple[int, int]:
    """Start a process that is nobody's child. Returns where its answer comes out, and its number."""
    reading, writing = os.pipe()
    number_reading, number_writing = os.pipe()
    try:
        with _unseen():
            between = _fork()
            if between == 0:
                _stand_between(number_writing, writing, work, limits)
            os.close(number_writing)
            number_writing = -1
            number = os.read(number_reading, _LENGTH)
            with contextlib.suppress(ChildProcessError):  # SIGCHLD is ignored, or a handler was first
                os.waitpid(between, 0)
        if not number:
            raise OSError("another process could not be started")
        return reading, int.from_bytes(number, "big")
    except BaseException:
        os.close(reading)
        raise
    finally:
        for descriptor in (writing, number_reading, number_writing):
            if descriptor >= 0:
                os.close(descriptor)


def _stand_between(number_writing: int, writing: int, work: Callable[[], bytes], limits: Limits) -> NoReturn:
    """Start the process that works, tell its number, and end, so that it is nobody's child."""
    try:
        number = _fork()
        if number == 0:
            os.setsid()
            _work(writing, work, limits)
        os.write(number_writing, number.to_bytes(_LENGTH, "big"))
    finally:
        os._exit(0)


def _fork() -> int:
    if sys.version_info < (3, 12):
        return os.fork()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that other threads run, which is why the process does little
        return os.fork()


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    """Keep a child that lives for a moment from the user's handler of SIGCHLD; what others end meanwhile is told."""
    handler = signal.getsignal(signal.SIGCHLD)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = _waiting()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, handler)
        if not before and _waiting():
            signal.raise_signal(signal.SIGCHLD)


def _waiting() -> bool:
    """Whether a child has ended that nobody has waited for."""
    with contextlib.suppress(ChildProcessError, AttributeError):  # macOS has it on new Pythons only
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return False


def _work(writing: int, work: Callable[[], bytes], limits: Limits) -> NoReturn:
    """Be the process that works, to its end."""
    try:
        sys.settrace(None)
        sys.setprofile(None)
        gc.disable()  # it would write to all memory, which is shared until then
        _default_signals()
        _close_files(writing)
        limit(limits)
        with _while_asked_for(writing):
            content = work()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(len(content).to_bytes(_LENGTH, "big"))
            pipe.write(content)
    finally:
        os._exit(0)


@contextlib.contextmanager
def _while_asked_for(writing: int) -> Iterator[None]:
    """End this process, by SIGIO, when nobody is left who could read its answer."""
    import fcntl  # Windows has none, and cannot fork

    flags = fcntl.fcntl(writing, fcntl.F_GETFL)
    fcntl.fcntl(writing, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_ASYNC)
    yield
    fcntl.fcntl(writing, fcntl.F_SETFL, flags)  # a reader who makes room is told of in the same way


def _answer(content: bytearray) -> bytes:
    """A whole answer; nothing where it is cut off."""
    whole = bytes(content[_LENGTH:])
    return whole if len(content) >= _LENGTH and len(whole) == int.from_bytes(content[:_LENGTH], "big") else b""


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)) or getattr(number, "name", "") in _DEFAULTS:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _close_files(but: int) -> None:
    """Leave the user's files, sockets and terminal."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    try:
        others = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        others = list(range(3, min(os.sysconf("SC_OPEN_MAX"), 1 << 16)))
    for descriptor in others:
        if descriptor > 2 and descriptor != but:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def limit(limits: Limits) -> None:
    """Have this process end by a signal once it has used up what it may.

    Args:
        limits: What that is, from now.
    """
    import resource  # Windows has none, and cannot fork

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu)
    held = _private_memory()
    if held:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = held + limits.memory
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


def _private_memory() -> int:
    """Bytes that count for `RLIMIT_DATA`; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
