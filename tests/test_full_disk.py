"""A full disk, and `run` in a directory tree: what is written is whole or said not to be, and nothing else is written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from example_traces import leaky_trace
from saved_files import digest
from subprocess_run import HUNG, ROOT, run_python

pytestmark = pytest.mark.slow

EXPORT = """
import sys
import paddle
import model

model.export(sys.argv[1])
print("exported")
"""
MODEL = """
import functools
import paddle
from paddle.static import InputSpec

def size(x):
    return x.shape[0] + 2

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.size = functools.partial(size)

    def forward(self, x):
        return x.reshape([x.shape[0], 2, 2]) * self.size(x)

def export(where):
    with paddle.utils.unique_name.guard():
        paddle.jit.save(Net(), where, input_spec=[InputSpec([-1, 4], name="x")])
"""


def shell(line: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """A line of shell in which `$0` is Python."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    return subprocess.run(
        ["/bin/sh", "-c", line, sys.executable],
        cwd=directory,
        env=variables,
        capture_output=True,
        text=True,
        timeout=HUNG,
        check=False,
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    leaky_trace().save(tmp_path / "a.trace")
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "export.py").write_text(EXPORT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "command", ["report a.trace", "report a.trace --format json", "why a.trace image 0", "diff a.trace a.trace", "rule"]
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_told_in_one_line(command: str, unbuffered: str, directory: Path) -> None:
    done = shell(f"PYTHONUNBUFFERED={unbuffered} exec $0 -m shapetrace {command} >/dev/full", directory)

    assert done.stderr == "shapetrace: the output cannot be written: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.paddle
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_script_whose_diagnosis_cannot_be_written_ends_as_it_would(unbuffered: str, directory: Path) -> None:
    """With a buffer that is 120: Python itself could not write what Paddle says there."""
    ended = [
        shell(f"PYTHONUNBUFFERED={unbuffered} exec $0 {under} export.py out/a 2>/dev/full", directory)
        for under in ("", "-m shapetrace run")
    ]

    assert [(done.returncode, done.stdout) for done in ended] == [(ended[0].returncode, "exported\n")] * 2


LIMITED = """
import os, resource, signal, sys
sys.path.insert(0, sys.argv[1])
from example_traces import leaky_trace
from shapetrace import reports
from shapetrace.errors import UsageError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
endings = [ending for known in reports.formats() for ending in known.endings if known.name != "pdf"]
for ending in endings:
    with open("kept" + ending, "wb") as file:
        file.write(b"before")
trace = leaky_trace()
sys.dont_write_bytecode = True  # it would be cut short, and Python 3.11 may keep it
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
for ending in endings:
    try:
        reports.write(trace, "kept" + ending)
        print(ending, "was written")
    except UsageError as error:
        print(error)
"""


def test_a_report_that_does_not_fit_leaves_what_was_there(tmp_path: Path) -> None:
    done = run_python(["-c", LIMITED, ROOT / "tests"], cwd=tmp_path)

    files = sorted(path.name for path in tmp_path.iterdir())
    assert sorted(done.stdout.splitlines()) == sorted(
        f"cannot write the report {name}: File too large" for name in files
    )
    assert len(files) >= 9
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"before"}


def test_a_link_a_pipe_and_a_device_are_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"before")
    (tmp_path / "link").symlink_to("file")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    for name in ("link", "pipe"):
        leaky_trace().save(tmp_path / name)

    assert os.read(reading, 10) == (tmp_path / "file").read_bytes()[:10] == b"shapetrace"
    os.close(reading)
    assert (tmp_path / "link").is_symlink()
    leaky_trace().save(os.devnull)
    assert not Path(os.devnull).is_file()


def test_a_replaced_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    path.touch(0o600)

    leaky_trace().save(path)

    assert path.stat().st_mode & 0o777 == 0o600


def tree(place: Path) -> dict[str, str]:
    """Every file in a directory, with what is in it."""
    return {
        str(path.relative_to(place)): digest(path) if path.is_file() else ""
        for path in place.rglob("*")
        if path.suffix != ".pyc"  # these hold the time of their source
    }


@pytest.mark.paddle
@pytest.mark.parametrize("how", [[], ["--remedy", "callables"], ["--subprocesses"]])
def test_run_writes_what_it_was_told_and_nothing_else(how: list[str], tmp_path: Path) -> None:
    trees = []
    place = tmp_path / "place"  # the same for both: 2.6 saves the paths of the files that make ops
    for under in ((), ("-m", "shapetrace", "run", *how, "--trace", "told/a.trace", "--report", "told/a.html")):
        for name in ("home", "tmp", "cache", "work/told"):
            (place / name).mkdir(parents=True)
        (place / "work" / "model.py").write_text(MODEL, encoding="utf-8")
        (place / "work" / "export.py").write_text(EXPORT, encoding="utf-8")
        variables = {"HOME": place / "home", "TMPDIR": place / "tmp", "XDG_CACHE_HOME": place / "cache"}
        done = run_python(
            [*under, "export.py", "out/a"],
            cwd=place / "work",
            env={name: str(value) for name, value in variables.items()},
        )
        assert done.stdout.endswith("exported\n"), done.stderr
        trees.append(tree(place))
        shutil.rmtree(place)

    plain, watched = trees
    assert watched.keys() - plain.keys() == {"work/told/a.trace", "work/told/a.html"}
    assert plain.keys() <= watched.keys()
    changed = {name for name in plain if plain[name] != watched[name]}
    assert not changed if "--remedy" not in how else changed <= {"work/out/a.json"}
