"""Programs that make it hard to watch them end as they would unwatched. What they do is in `faults/troubles.py`."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import HUNG, ROOT, run_python, told_by_name
from versions import LEGACY

pytestmark = pytest.mark.paddle

TROUBLES = (
    "Secretive",
    "Failing",
    "Deep",
    "Inside",
    "shallow",
    "processes",
    "excepthook",
    "traces",
    "traces_later",
    "generator",
    "coroutines",
    "thread",
    "threads",
)

PROGRAM = ".pdmodel" if LEGACY else ".json"
"""How the file ends that `paddle.jit.save` writes a program to."""

EXPORT = """
import sys
import paddle
from paddle.static import InputSpec

class Net(paddle.nn.Layer):
    def forward(self, x):
        return x.reshape([x.shape[0], 2, 2]) * 2

def export(where):
    with paddle.utils.unique_name.guard():
        paddle.jit.save(Net(), where, input_spec=[InputSpec([-1, 4], name="x")])
"""


@pytest.fixture(scope="module")
def troubles() -> dict[str, Any]:
    """What came of each, unwatched and watched."""
    return told_by_name(["-m", "faults.troubles"], items=10)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_it_ends_as_it_would_unwatched_twice_and_afterwards(trouble: str, troubles: dict[str, Any]) -> None:
    told = troubles[trouble]
    assert "died" not in told, told
    assert told["told"] == [told["plain"]["told"]] * 3
    assert not told["tracing"]


def test_every_trouble_is_looked_at(troubles: dict[str, Any]) -> None:
    assert set(troubles) == set(TROUBLES)


ENDINGS = {
    "left open": "import shapetrace; shapetrace.watch().__enter__(); export('out/a')",
    "left open, with atexit": """
        import atexit, shapetrace
        atexit.register(lambda: export('out/late'))
        shapetrace.watch().__enter__()
        export('out/a')
        """,
    "left open in a generator": """
        import shapetrace
        def steps():
            with shapetrace.watch():
                yield export('out/a')
        held = steps()
        next(held)
        """,
    "left open in a thread": """
        import shapetrace, threading
        def work():
            shapetrace.watch().__enter__()
            export('out/a')
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """,
    "os._exit": "import os, shapetrace\nwith shapetrace.watch(): export('out/a'); os._exit(9)",
    "sys.exit": "import shapetrace\nwith shapetrace.watch(): export('out/a'); sys.exit(5)",
    "raises": "import shapetrace\nwith shapetrace.watch(): export('out/a'); raise ValueError('mine')",
}
STATUS = {"os._exit": 9, "sys.exit": 5, "raises": 1}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_watch_that_is_never_closed_ends_with_the_process(ending: str, tmp_path: Path) -> None:
    done = _run(tmp_path, ENDINGS[ending])
    assert done.returncode == STATUS.get(ending, 0), done.stderr
    assert (tmp_path / "out" / f"a{PROGRAM}").exists()
    assert ("ValueError: mine" in done.stderr) == (ending == "raises")
    assert ("Traceback" in done.stderr) == (ending == "raises")
    assert ending == "raises" or "shapetrace" not in done.stderr
    assert (tmp_path / "out" / f"late{PROGRAM}").exists() == ("atexit" in ending)


def _run(place: Path, code: str) -> subprocess.CompletedProcess[str]:
    script = place / "script.py"
    script.write_text(EXPORT + textwrap.dedent(code), encoding="utf-8")
    return run_python([script], cwd=place)


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(closed: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(EXPORT + "export('out/a')\n", encoding="utf-8")
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m shapetrace run script.py {closed}', sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=HUNG,
        check=False,
    )
    assert done.returncode == 0
    assert (tmp_path / "out" / f"a{PROGRAM}").exists()


INTERRUPTED = """
import os, signal, sys

class Kill:
    calls = 0
    def __call__(self, frame, event, argument):
        if event != "call" or "dy2static" not in frame.f_code.co_filename:  # the same moment in both ways to run
            return
        Kill.calls += 1
        if Kill.calls == int(sys.argv[2]):
            sys.setprofile(None)
            os.kill(os.getpid(), int(sys.argv[1]))

export("out/warm")
sys.setprofile(Kill())
for number in range(50):
    export("out/a")
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seed", range(3))
def test_a_signal_ends_a_watched_export_as_it_ends_any(sent: signal.Signals, seed: int, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(EXPORT + INTERRUPTED, encoding="utf-8")
    moment = str(random.Random(seed).randrange(1, 5_000))
    ended = [
        run_python([*under, script, str(int(sent)), moment], cwd=tmp_path).returncode
        for under in ((), ("-m", "shapetrace", "run"))
    ]
    assert ended[0] in (-sent, 1)  # 1 where Paddle makes another exception of it
    assert ended[1] == ended[0]
