"""Commands that hang, die, eat memory and leave processes behind. Needs no Paddle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from shapetrace.sweep import process

LONG = 300.0
HANGS = "import time; time.sleep(600)"


def run(tmp_path: Path, code: str, seconds: float = LONG, memory: float = 4.0) -> process.Ended:
    command = [sys.executable, "-c", code]
    return process.run(command, cwd=tmp_path, env=os.environ, log=tmp_path / "log", seconds=seconds, memory=memory)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGKILL, signal.SIGBUS])
def test_the_signal_that_it_dies_of(number: signal.Signals, tmp_path: Path) -> None:
    ended = run(tmp_path, f"import os; os.kill(os.getpid(), {number})")
    assert (ended.code, ended.limit) == (-number, "")


def test_what_it_prints_and_its_exit_code(tmp_path: Path) -> None:
    ended = run(tmp_path, "import sys; print('out', flush=True); sys.exit('err')")
    assert ended.code == 1
    assert (tmp_path / "log").read_text() == "out\nerr\n"


def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    assert run(tmp_path, HANGS, seconds=0.3).limit == "time"


def test_one_that_does_not_heed_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.2)
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the command inherits it, and so ignores it from the first
    try:
        ended = run(tmp_path, HANGS, seconds=0.3)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (ended.code, ended.limit) == (-signal.SIGKILL, "time")


def test_one_that_takes_all_memory_is_ended(tmp_path: Path) -> None:
    ended = run(tmp_path, f"held = bytearray(400 << 20); {HANGS}", memory=0.3)
    assert ended.limit == "memory"
    assert ended.memory > 0.3e9


def test_memory_that_processes_share_counts_once(tmp_path: Path) -> None:
    forks = "held = bytearray(b'x') * (150 << 20)\nimport os, time\nfor _ in range(3):\n  os.fork()\ntime.sleep(1.5)"
    assert run(tmp_path, forks, memory=0.8).limit == ""


def alive(pid: int) -> bool:
    """Whether a process runs. A zombie does not."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def ends(pid: int) -> bool:
    """Wait for the end of a process that has been sent a signal; one that has not is still there when a test gives up."""
    for _ in range(3000):
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    code = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', '{HANGS}']).pid)"
    run(tmp_path, code)
    assert ends(int((tmp_path / "log").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nor_one_that_has_left_its_group(tmp_path: Path) -> None:
    code = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', '{HANGS}'], start_new_session=True).pid)"
    (temporary := tmp_path / "tmp").mkdir()
    process.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        log=tmp_path / "log",
        seconds=LONG,
        memory=4.0,
        temporary=temporary,
    )
    assert ends(int((tmp_path / "log").read_text()))


def test_of_what_prints_without_end_the_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_MOST_LOG", 1 << 16)
    monkeypatch.setattr(process, "_LAST_LOG", 1 << 12)
    code = "import time\nfor _ in range(5):\n  print('x' * (1 << 16), flush=True); time.sleep(0.2)\nraise ValueError('in the end')"
    assert run(tmp_path, code).code == 1
    log = (tmp_path / "log").read_text()
    assert log.endswith("ValueError: in the end\n")
    assert len(log) < 5 << 16


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child with its parent")
def test_it_does_not_outlive_a_worker_that_is_killed(tmp_path: Path) -> None:
    worker = (
        "import os, sys; from pathlib import Path; from shapetrace.sweep import process\n"
        "code = 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'\n"
        "process.run([sys.executable, '-c', code], cwd=Path('.'), env=os.environ, log=Path('log'), seconds=500, memory=4)"
    )
    running = subprocess.Popen([sys.executable, "-c", worker], cwd=tmp_path)
    log = tmp_path / "log"
    while not (log.exists() and log.read_text().endswith("\n")):
        assert running.poll() is None
        time.sleep(0.02)
    running.kill()
    running.wait()
    assert ends(int(log.read_text()))
