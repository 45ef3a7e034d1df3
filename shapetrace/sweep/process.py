"""Runs one command in a process group of its own, and kills the group at a limit of time or memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from shapetrace.sweep import leash

Limit = Literal["", "time", "memory"]

GRACE = 10.0
"""Seconds that a command gets to report, once it has been told to end."""
_SHORTEST, _LONGEST = 0.01, 0.2  # seconds between two looks
_MOST_LOG, _LAST_LOG = 16 << 20, 1 << 20

_running: set[int] = set()  # the groups of all commands that this process has started


class Ended(NamedTuple):
    """How a command ended, and what it took."""

    code: int
    """Its exit code; the negative number of the signal that it died of."""
    limit: Limit
    """The limit that it ran into."""
    seconds: float
    cpu: float
    """Seconds of processor, those of the processes that it waited for among them."""
    memory: int
    """Bytes that the group had in use at the most, as far as was seen."""


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    seconds: float,
    memory: float,
    temporary: Path | None = None,
) -> Ended:
    """Run a command until it ends, or a limit ends it.

    At a limit it gets SIGTERM, on which `shapetrace run` reports. Then its children are killed, of which `shapetrace run` reports too; then
    the whole group. It does not outlive the thread that has started it, nor do processes that it has started in groups of their own.

    Args:
        command: The program and its arguments.
        cwd: Where to run it.
        env: Its variables, all of them.
        log: Gets what it prints, at its end.
        seconds: How long it may take.
        memory: How many GB its group may have in use.
        temporary: The `TMPDIR` in `env`, where that is of this command alone: what has left its group is known by it.

    Raises:
        OSError: There is no such directory, or no room for another process.
    """
    with log.open("ab") as file:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    _running.add(child.pid)
    try:
        return _Attended(child, log, seconds, memory).ended()
    finally:
        _kill(child.pid)
        if temporary is not None:
            _kill_strays(temporary)
        _running.discard(child.pid)


def end_all() -> None:
    """Kill all commands that run: nobody wants to know any more what comes of them."""
    for group in tuple(_running):
        _kill(group)


class _Attended:
    """A command while it runs."""

    def __init__(self, child: subprocess.Popen[bytes], log: Path, seconds: float, memory: float) -> None:
        self._child, self._log = child, log
        self._seconds, self._memory = seconds, memory * 1e9
        self._began = time.monotonic()
        self._peak = 0
        self._limit: Limit = ""
        self._steps: list[Callable[[], None]] = [self._children, lambda: _kill(child.pid)]
        self._next = 0.0

    def ended(self) -> Ended:
        """Wait for its end."""
        pause = _SHORTEST
        while True:
            number, status, usage = os.wait4(self._child.pid, os.WNOHANG)
            spent = time.monotonic() - self._began
            if number:
                self._child.returncode = code = os.waitstatus_to_exitcode(status)
                cpu = usage.ru_utime + usage.ru_stime
                return Ended(code, self._limit, spent, cpu, max(self._peak, usage.ru_maxrss << 10))
            self._look(spent)
            time.sleep(pause)
            pause = min(_LONGEST, pause * 1.5)

    def _look(self, spent: float) -> None:
        self._shorten_log()
        if self._limit:
            if spent >= self._next and self._steps:
                self._steps.pop(0)()
                self._next = spent + GRACE
            return
        used = in_use(self._child.pid, self._memory)
        self._peak = max(self._peak, used)
        if spent >= self._seconds:
            self._limit = "time"
        elif used > self._memory:
            self._limit = "memory"
        if self._limit:
            self._next = spent + GRACE
            with suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGTERM)

    def _children(self) -> None:
        """Kill all but the first process of the group, which reports of the others."""
        for pid in members(self._child.pid):
            if pid != self._child.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _shorten_log(self) -> None:
        """Let what prints without end not fill the disk; of it, the end is kept."""
        if self._log.stat().st_size > _MOST_LOG:
            with self._log.open("r+b") as file:
                file.seek(-_LAST_LOG, os.SEEK_END)
                last = file.read()
                file.truncate(0)
            with self._log.open("ab") as file:  # as the command does: what either of them writes goes to the end
                file.write(last)


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _kill_strays(temporary: Path) -> None:
    """Kill the processes whose temporary files are to lie in a folder: those that were started in it, and theirs."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("TMPDIR") == str(temporary):
                process.kill()


def members(group: int) -> list[int]:
    """The processes of a group."""
    import psutil

    pids = []
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getpgid(pid) == group:
                pids.append(pid)
    return pids


def in_use(group: int, limit: float) -> int:
    """Bytes of memory that a group has in use.

    Pages that several of its processes share are counted once where it matters, for that takes time: above `limit`.
    """
    import psutil

    resident, processes = 0, []
    for pid in members(group):
        with suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            resident += process.memory_info().rss
            processes.append(process)
    if resident <= limit or len(processes) < 2 or sys.platform != "linux":
        return resident
    shared = 0
    for process in processes:
        with suppress(psutil.Error, OSError):
            shared += process.memory_full_info().pss
    return shared
