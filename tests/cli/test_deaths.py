"""Whatever ends the script's process, the report and the trace come, and the command ends as the script alone would have."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen

import pytest

import shapetrace
import versions
from subprocess_run import ROOT, heed_ctrl_c, run_python

pytestmark = pytest.mark.slow

DEATHS = {
    "SIGSEGV": "import ctypes; ctypes.string_at(0)",
    "SIGABRT": "import os; os.abort()",
    "SIGFPE": "import os, signal; os.kill(os.getpid(), signal.SIGFPE)",
    "SIGKILL": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "SIGTERM": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "exit code 3": "import os; os._exit(3)",
    "exit code 5": "import ctypes; ctypes.CDLL(None).exit(5)",
    "exit code 6": "import os; os.execv('/bin/sh', ['sh', '-c', 'exit 6'])",
}

MODEL = """
import functools, sys
import paddle
from paddle.static import InputSpec

def grid(t):
    return t * t.shape[0]

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = paddle.nn.Linear(4, 4)
        self.grid = functools.partial(grid)

    def forward(self, x):
        y = self.fc(x)
        z = self.grid(y)
        die("during")
        return y.sum() + z.sum()

def die(when):
    if when == sys.argv[1]:
        exec(sys.argv[2])

paddle.jit.save(Net(), "model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
die("after")
"""

UNBIND = """
import paddle
from paddle.static import InputSpec

class Net(paddle.nn.Layer):
    def forward(self, x):
        y = x * 2
        return paddle.unbind(y, axis=0)[0]

paddle.jit.save(Net(), "model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
"""

EXTEND = """
import paddle
from paddle.static import InputSpec

class Net(paddle.nn.Layer):
    def forward(self, x):
        rows = []
        for i in range(x.shape[0]):
            rows.extend([x[i], x[i] * 2])
        return paddle.concat(rows)

paddle.jit.save(Net(), "model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory to run in, with a module called paddle that nothing can be converted with, and a directory for temporary files."""
    (tmp_path / "site" / "paddle").mkdir(parents=True)
    (tmp_path / "site" / "paddle" / "__init__.py").write_text("")
    (tmp_path / "temporary").mkdir()
    return tmp_path


def variables(place: Path) -> dict[str, str]:
    paths = os.pathsep.join(map(str, (place / "site", ROOT, ROOT / "plugins")))
    return {"PYTHONPATH": paths, "TMPDIR": str(place / "temporary")}


def run(place: Path, *arguments: str) -> CompletedProcess[str]:
    """`shapetrace run` with a trace and a report, which leaves no file but these."""
    options = ["--trace", "it.trace", "--report", "it.json"]
    done = run_python(["-m", "shapetrace", "run", *options, *arguments], cwd=place, env=variables(place))
    assert not [*(place / "temporary").iterdir()]
    return done


@pytest.mark.parametrize("how", DEATHS)
def test_before_anything_is_imported(place: Path, how: str) -> None:
    (place / "script.py").write_text(DEATHS[how])

    plain = run_python(["script.py"], cwd=place, env=variables(place))
    done = run(place, "script.py")

    assert (done.returncode, done.stdout) == (plain.returncode, plain.stdout)
    where = " at script.py:1" if how == "SIGTERM" else ""
    assert f"the process ended with {how}{where}, before the script had imported Paddle" in done.stderr
    death = shapetrace.load(place / "it.trace").death
    assert death is not None
    assert (death.how, death.phase) == (how, "start")
    assert json.loads((place / "it.json").read_text())["notes"]


def test_what_other_processes_saw_is_not_left_behind(place: Path) -> None:
    (place / "script.py").write_text(DEATHS["exit code 3"])

    assert run(place, "--subprocesses", "script.py").returncode == 3


def test_a_process_that_ends_by_itself_reports_by_itself(place: Path) -> None:
    (place / "script.py").write_text("import atexit, os; atexit.register(os._exit, 4)")

    done = run(place, "script.py")

    assert done.returncode == 4
    assert "the process ended with" not in done.stderr
    assert shapetrace.load(place / "it.trace").death is None


WAITING = """
import select, signal, sys
heard = []
signal.signal(signal.SIGUSR1, lambda *_: heard.append("SIGUSR1"))
def lines():
    while True:  # Python does not look for signals once it reads: one that came just before would wait for the next line
        if select.select([sys.stdin], [], [], 0.05)[0]:
            if not (line := sys.stdin.readline()):
                return
            yield line.strip()
try:
    print("ready", flush=True)
    for line in lines():
        print(line, heard, flush=True)
except KeyboardInterrupt:
    heard.append("SIGINT")
    print("interrupted", flush=True)
    for line in lines():
        print(line, heard, flush=True)
sys.exit(7)
"""


class TestSignals:
    """What is sent to the command is the script's."""

    @pytest.fixture
    def waiting(self, place: Path) -> Iterator[Popen[str]]:
        (place / "script.py").write_text(WAITING)
        command = [sys.executable, "-m", "shapetrace", "run", "script.py"]
        streams = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
        environment = {**os.environ, **variables(place)}
        with Popen(command, cwd=place, env=environment, text=True, preexec_fn=_apart, **streams) as process:  # type: ignore[call-overload]
            assert process.stdout.readline() == "ready\n"
            yield process
            process.kill()

    def test_one_that_was_sent_to_the_command_alone(self, waiting: Popen[str]) -> None:
        waiting.send_signal(signal.SIGUSR1)
        self.hears(waiting, "SIGUSR1")
        waiting.send_signal(signal.SIGINT)
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "interrupted\n"
        assert self.said(waiting, "now") == "now ['SIGUSR1', 'SIGINT']"
        assert waiting.stdin is not None
        waiting.stdin.close()
        assert waiting.wait() == 7

    def test_the_default_ends_both(self, waiting: Popen[str]) -> None:
        waiting.send_signal(signal.SIGTERM)
        assert waiting.wait() == -signal.SIGTERM
        assert waiting.stderr is not None
        told = r"the process ended with SIGTERM at script\.py:\d+, before the script had imported Paddle"
        assert re.search(told, waiting.stderr.read())

    def test_the_script_does_not_outlive_the_command(self, waiting: Popen[str]) -> None:
        waiting.kill()
        assert waiting.stdout is not None
        assert waiting.stdout.read() == "", "whoever writes to it has ended"

    def test_who_is_stopped_goes_on(self, waiting: Popen[str]) -> None:
        os.killpg(waiting.pid, signal.SIGTSTP)
        _, status = os.waitpid(waiting.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        os.kill(waiting.pid, signal.SIGCONT)
        assert self.said(waiting, "on") == "on []"

    def hears(self, waiting: Popen[str], name: str) -> None:
        """Ask until it has heard: nobody else knows when a signal arrives."""
        while name not in self.said(waiting, "?"):
            pass

    def said(self, waiting: Popen[str], word: str) -> str:
        assert waiting.stdin is not None
        assert waiting.stdout is not None
        waiting.stdin.write(f"{word}\n")
        waiting.stdin.flush()
        return waiting.stdout.readline().strip()


def _apart() -> None:
    heed_ctrl_c()
    os.setpgid(0, 0)


def test_ctrl_c_is_heard_once(place: Path) -> None:
    (place / "script.py").write_text(WAITING)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(place)
        heed_ctrl_c()
        os.execve(
            sys.executable, [sys.executable, "-m", "shapetrace", "run", "script.py"], {**os.environ, **variables(place)}
        )
    shown = Terminal(terminal)
    shown.until("ready")
    os.write(terminal, b"\x03")
    shown.until("interrupted")
    os.write(terminal, b"one\n")
    assert shown.until("one [") == "'SIGINT']"
    os.write(terminal, b"two\n")
    assert shown.until("two [") == "'SIGINT']"
    os.write(terminal, b"\x04")
    shown.until("nothing was converted")
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 7


class Terminal:
    """Reads what is shown in a terminal."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.left = ""

    def until(self, text: str) -> str:
        """What follows a text in its line."""
        while text not in self.left or "\n" not in self.left.partition(text)[2]:
            self.left += os.read(self.descriptor, 1000).decode()
        line, _, self.left = self.left.partition(text)[2].partition("\n")
        return line.strip()


@pytest.mark.paddle
class TestConversion:
    """In the middle of one, and after it."""

    @pytest.mark.parametrize("how", [how for how in DEATHS if how != "SIGTERM"])  # which test_endless.py sends
    def test_in_the_middle(self, tmp_path: Path, how: str) -> None:
        trace, _ = died(tmp_path, MODEL, how, "during", DEATHS[how])

        assert trace.death is not None
        assert (trace.death.how, trace.death.phase, trace.death.conversion) == (how, "converting", 0)
        assert not trace.death.inside
        leak, ended = sorted(trace.findings, key=lambda finding: finding.rule)
        assert (leak.rule, leak.cause.kind if leak.cause is not None else None) == ("ST103", "partial")
        assert ended.message == f"the process ended with `{how}` after the op scale"
        assert ended.sink is not None
        assert (ended.sink.line, ended.sink.code) == (7, "t * t.shape[0]")
        assert [given.name for given in trace.conversions[0].inputs] == ["x"]

    @pytest.mark.parametrize("how", ["SIGABRT", "SIGKILL", "SIGTERM", "exit code 5"])
    def test_after_one(self, tmp_path: Path, how: str) -> None:
        trace, _ = died(tmp_path, MODEL, how, "after", DEATHS[how])

        assert trace.death is not None
        assert (trace.death.how, trace.death.phase, trace.death.conversion) == (how, "watching", -1)
        rules = [finding.rule for finding in trace.findings]
        assert rules == (["ST103", "ST809"] if how == "SIGABRT" else ["ST103"])
        lines = [trace.sites[number].line for number in trace.death.stack]
        assert lines == ([26, 23] if how in ("SIGABRT", "SIGTERM") else [])
        (use,) = trace.uses
        read = trace.dims[use.dim]
        assert trace.conversions[0].values[read.tensor].shape == (-1, 4)
        if how == "SIGABRT":
            assert trace.findings[1].sink is not None
            assert trace.findings[1].sink.line == 23


TERMINATED = """
import paddle, os, signal
def wait():
    os.kill(os.getpid(), signal.SIGTERM)
wait()
"""

CHILD_TERMINATED = """
import paddle, os, signal
if (child := os.fork()):
    os.waitpid(child, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Python tells nothing of where this process was any more
os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.mark.paddle
def test_where_it_was_when_it_was_terminated(tmp_path: Path) -> None:
    trace, stderr = died(tmp_path, TERMINATED, "SIGTERM")

    assert trace.death is not None
    assert [trace.sites[number].line for number in trace.death.stack] == [5, 4]
    assert "the process ended with SIGTERM at script.py:4, while nothing was being converted" in stderr
    assert trace.findings == []


@pytest.mark.paddle
def test_where_a_child_of_it_was_terminated_is_not_told(tmp_path: Path) -> None:
    trace, stderr = died(tmp_path, CHILD_TERMINATED, "SIGTERM")

    assert trace.death is not None
    assert trace.death.stack == ()
    assert "the process ended with SIGTERM, while nothing was being converted" in stderr


@pytest.mark.paddle
def test_in_an_op_of_paddles(tmp_path: Path) -> None:
    trace, stderr = died(tmp_path, UNBIND, "SIGABRT")

    assert trace.death is not None
    assert (trace.death.op, trace.death.inside) == ("unbind", True)
    failure = trace.conversions[0].failure
    assert failure is not None
    assert failure.call is not None
    assert (failure.type, failure.call.api, failure.call.operands[0].shape) == ("SIGABRT", "unbind", (-1, 4))
    (finding,) = trace.findings
    assert finding.sink is not None
    assert (finding.sink.line, finding.sink.code) == (8, "paddle.unbind(y, axis=0)")
    assert finding.message.endswith("axis 0 of `y`, and `x[0]` is known only when the program runs")
    assert [(root.input, root.axis) for root in finding.roots] == [("x", 0)]
    assert "script.py:8" in stderr


@pytest.mark.paddle
@pytest.mark.skipif(versions.LEGACY, reason="Paddle 2.6 has variables of blocks, and ends otherwise")
def test_where_a_program_is_freed_that_takes_what_is_not_there(tmp_path: Path) -> None:
    trace, stderr = died(tmp_path, EXTEND, "SIGABRT")

    (finding,) = trace.findings
    assert finding.sink is not None
    assert (finding.rule, finding.sink.line, finding.sink.code) == ("ST803", 9, "rows.extend([x[i], x[i] * 2])")
    assert [step.site.line for step in finding.chain if step.site is not None] == [8]
    assert [(root.input, root.axis) for root in finding.roots] == [("x", 0)]
    assert "script.py:9" in stderr


def died(place: Path, script: str, how: str, *arguments: str) -> tuple[shapetrace.Trace, str]:
    """The trace of a script that ends in some way, and what was said on stderr."""
    (place / "script.py").write_text(script)
    options = ["--trace", "it.trace", "--report", "it.json"]
    done = run_python(["-m", "shapetrace", "run", *options, "script.py", *arguments], cwd=place)
    expected = int(how.rpartition(" ")[2]) if how.startswith("exit") else -signal.Signals[how]
    assert done.returncode == expected, done.stderr[-3000:]
    assert how in json.loads((place / "it.json").read_text())["notes"][0]
    return shapetrace.load(place / "it.trace"), done.stderr


@pytest.mark.skipif(versions.LEGACY or find_spec("paddle2onnx") is None, reason="no paddle2onnx 2")
def test_the_op_that_paddle2onnx_has_no_mapper_for_is_named(tmp_path: Path) -> None:
    """It aborts the process of the script, and its message names none."""
    (tmp_path / "export.py").write_text(
        "import paddle\n"
        "from paddle.static import InputSpec\n"
        "class Net(paddle.nn.Layer):\n"
        "    def forward(self, x):\n"
        "        return paddle.kron(x, paddle.ones([2, 2])) * 0.5\n"
        "paddle.onnx.export(Net(), 'net', input_spec=[InputSpec([-1, 4], 'float32', name='x')])\n"
    )
    done = run_python(["-m", "shapetrace", "run", "export.py"], cwd=tmp_path)
    assert done.returncode in (-signal.SIGABRT, 128 + signal.SIGABRT), done.stderr
    assert "Paddle2ONNX has no mapper for pd_op.kron at export.py:5 (write" in " ".join(done.stderr.split())
