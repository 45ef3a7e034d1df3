"""Runs Python in a process of its own, within limits: a conversion can loop for ever, eat all memory or abort."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
CPU = 900
"""Seconds of processor that a process may use (`RLIMIT_CPU`); a busy machine does not make them more. Each fork has its own."""
HUNG = 1200
"""Seconds after which a process is taken for one that waits for ever. It ends tests that hang and measures nothing."""
MEMORY = 6 << 30
"""Bytes of private memory (`RLIMIT_DATA`). Paddle itself maps far more address space than it ever uses."""

PATIENCE = "300"
"""Seconds that closing a watch may wait for symbolic shapes (`docs/reference`): tests want all of them, however busy the machine."""


def run_python(
    arguments: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    items: int = 1,
    memory: int = MEMORY,
) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS…` with this repository and its plugins importable.

    Args:
        arguments: What follows `python`: a script and its arguments, `-c` and code, `-m` and a module.
        cwd: The directory to run in.
        env: Variables to set besides those of this process.
        stdin: What the process reads.
        items: How many pieces of work it does, each of which may take `HUNG` seconds.
        memory: The private memory it may have, in bytes.

    Returns:
        Exit code, stdout and stderr.

    Raises:
        subprocess.TimeoutExpired: It did not end, and was killed.
    """
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=_variables(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=HUNG * items,
        preexec_fn=_limiting(memory),
        check=False,
    )


def start_python(arguments: Sequence[str | Path], *, stderr: IO[str] | int, cwd: Path = ROOT) -> subprocess.Popen[str]:
    """Start `python ARGUMENTS…` as `run_python` does, and leave it running: it is told what to do on its stdin, and answers on stdout."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=_variables(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        preexec_fn=_limiting(MEMORY),
    )


def _variables(env: Mapping[str, str] | None = None) -> dict[str, str]:
    paths = [ROOT, ROOT / "plugins", ROOT / "tests"]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "SHAPETRACE_PATIENCE": PATIENCE,
        **(env or {}),
    }


def _limiting(memory: int) -> Callable[[], None]:
    """What sets the limits of a new process, as a `preexec_fn`."""

    def limit() -> None:
        heed_ctrl_c()
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return limit


def heed_ctrl_c() -> None:
    """Heed Ctrl-C, as a `preexec_fn`: what a shell runs in the background ignores it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The objects that a process has told as lines of JSON, among which Paddle may print lines of its own."""
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def told_by_name(arguments: Sequence[str | Path], *, items: int = 1) -> dict[str, dict[str, Any]]:
    """Run `python ARGUMENTS…`, which must end well: the objects that it tells, by their `name`."""
    done = run_python(arguments, items=items)
    assert done.returncode == 0, done.stderr[-3000:]
    return {line["name"]: line for line in told(done)}
