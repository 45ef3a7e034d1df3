"""`shapetrace sweep` from its file to its exit code. The jobs that need no Paddle convert nothing, so none of them is healthy."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import psutil
import pyarrow.parquet
import pytest

from subprocess_run import HUNG, run_python, start_python
from versions import LEGACY

pytestmark = pytest.mark.slow

DUMMIES = """
[limits]
seconds = 600
memory = 2
[[model]]
name = "{each}"
script = "dummy.py"
arguments = ["{each}"]
each = ["nothing", "gives_up", "fails", "exits", "dies", "crashes"]
[[model]]
name = "hangs"
script = "hangs.py"
[model.limits]
seconds = 2
"""
NOTHING = "nothing was converted: paddle.jit.save was not called, or in another process than the script's own"
DUMMY = """
import os, signal, sys, time
with open("done.txt", "a") as file:
    file.write(sys.argv[1] + "\\n")
if sys.argv[1] == "gives_up":
    print(time.strftime("[%m/%d %H:%M:%S] net ERROR: not supported\\nPlease ask for it."))
if sys.argv[1] == "fails":
    raise ValueError(f"no weights in {object()}")
if sys.argv[1] == "exits":
    sys.exit(7)
if sys.argv[1] in ("dies", "crashes"):
    os.kill(os.getpid(), signal.SIGABRT if sys.argv[1] == "dies" else signal.SIGSEGV)
"""


def sweep(folder: Path, *options: str) -> CompletedProcess[str]:
    return run_python(["-m", "shapetrace", "sweep", "sweep.toml", "--out", "out", *options], cwd=folder)


def left_in(temporary: Path) -> list[Path]:
    """What is left in a directory for temporary files, but for the one in which Dask has its locks."""
    return [path for path in temporary.iterdir() if path.name != "dask-scratch-space"]


def done(folder: Path) -> list[str]:
    """What jobs have run, in order of names, and forget it."""
    file = folder / "done.txt"
    names = sorted(file.read_text().split()) if file.exists() else []
    file.unlink(missing_ok=True)
    return names


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep over dummies, which has been done once."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "sweep.toml").write_text(DUMMIES)
    (folder / "dummy.py").write_text(DUMMY)
    (folder / "hangs.py").write_text("import time; time.sleep(900)")
    first = sweep(folder, "--workers", "2")
    assert first.returncode == 3, first.stderr
    assert "7 jobs: 1 endless, 2 dies, 4 could not be built" in first.stdout
    assert done(folder) == ["crashes", "dies", "exits", "fails", "gives_up", "nothing"]
    return folder


def test_what_came_of_each(swept: Path) -> None:
    records = {each["model"]: each for each in map(json.loads, (swept / "out/records.jsonl").read_text().splitlines())}
    assert {name: (each["state"], each["cause"]["says"]) for name, each in records.items()} == {
        "nothing": ("could-not-be-built", NOTHING),
        "gives_up": ("could-not-be-built", f"{NOTHING}; it printed last: net ERROR: not supported"),
        "fails": ("could-not-be-built", "ValueError: no weights in <object object at 0x…>"),
        "exits": ("could-not-be-built", "it ended with exit code 7, and without a word"),
        "dies": ("dies", "died of SIGABRT"),
        "crashes": ("dies", "died of SIGSEGV"),
        "hangs": ("endless", "did not end within 2 s"),
    }
    assert "Traceback" in (swept / "out/reports" / records["fails"]["key"] / "log.txt").read_text()
    rows = {row["model"]: row for row in pyarrow.parquet.read_table(swept / "out/records.parquet").to_pylist()}
    assert (rows["dies"]["state"], rows["dies"]["signal"]) == ("dies", "SIGABRT")
    suite = ElementTree.parse(swept / "out/junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("7", "7", "0")
    page = (swept / "out/index.html").read_text()
    assert "dies SIGABRT</a>" in page and "http" not in page.replace("http-equiv", "")


def test_what_is_there_is_not_done_again(swept: Path) -> None:
    before = (swept / "out/index.html").read_text()
    again = sweep(swept)
    assert again.returncode == 3, again.stderr
    assert done(swept) == []
    assert (swept / "out/index.html").read_text() == before


def test_what_is_missing_cut_off_or_asked_for_is(swept: Path) -> None:
    records = {each["model"]: each for each in map(json.loads, (swept / "out/records.jsonl").read_text().splitlines())}
    (swept / "out/records" / f"{records['nothing']['key']}.json").unlink()
    (swept / "out/records" / f"{records['fails']['key']}.json").write_text("")
    assert sweep(swept, "--rerun", "dies").returncode == 3
    assert done(swept) == ["crashes", "dies", "fails", "nothing"]
    after = {each["model"]: each for each in map(json.loads, (swept / "out/records.jsonl").read_text().splitlines())}
    assert [{**each, "spent": None} for each in after.values()] == [
        {**each, "spent": None} for each in records.values()
    ]


def test_only_what_has_changed_is_done_again(swept: Path) -> None:
    (swept / "dummy.py").write_text("print('changed')\n" + DUMMY)
    assert sweep(swept, "--workers", "2").returncode == 3
    assert done(swept) == ["crashes", "dies", "exits", "fails", "gives_up", "nothing"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--rerun", "lost"), "there is no state 'lost'"),
        (("--workers", "2", "--scheduler", "x:1"), "--workers is for this machine"),
        (("--out", "sweep.toml"), "cannot write to sweep.toml"),
    ],
)
def test_what_cannot_be_done_as_asked(options: tuple[str, ...], says: str, swept: Path) -> None:
    refused = sweep(swept, *options)
    assert (refused.returncode, done(swept)) == (2, [])
    assert says in refused.stderr


ENDED = """
[[model]]
name = "fails"
script = "dummy.py"
arguments = ["fails"]
[[model]]
name = "{each}"
script = "hangs.py"
arguments = ["{each}"]
each = ["hangs", "is left"]
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_ended_shows_what_was_done_and_leaves_no_job_running(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sweep.toml").write_text(ENDED)
    (tmp_path / "dummy.py").write_text(DUMMY)
    (tmp_path / "hangs.py").write_text(
        "import os, sys, tempfile, time\ntempfile.mkdtemp()\nopen(sys.argv[1], 'w').write(str(os.getpid()))\ntime.sleep(900)"
    )
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    job = tmp_path / "hangs"
    arguments = ["-m", "shapetrace", "sweep", "sweep.toml", "--out", "out"]
    with start_python(arguments, cwd=tmp_path, stderr=subprocess.STDOUT) as running:
        while not (job.exists() and job.read_text()):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(number)
        told, _ = running.communicate()
    assert running.returncode == 128 + number
    assert "3 jobs: 1 could not be built, 2 not done" in told
    assert (tmp_path / "out/index.html").exists()
    assert not (tmp_path / "is left").exists()
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(job.read_text())).wait(HUNG)
    assert left_in(temporary) == []


LITTERS = """
import os, signal, sys, tempfile, time
tempfile.mkdtemp("written by the job")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[1] == "hangs":
    time.sleep(900)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_job_that_is_killed_leaves_no_temporary_files(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(
        f"""
[limits]
seconds = 1
[[environment]]
name = "a"
[[environment]]
name = "b"
variables = {{ TMPDIR = "{tmp_path / "b"}" }}
[[model]]
name = "{{each}}"
script = "litters.py"
arguments = ["{{each}}"]
each = ["hangs", "dies"]
"""
    )
    (tmp_path / "litters.py").write_text(LITTERS)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    done = run_python(
        ["-m", "shapetrace", "sweep", "sweep.toml", "--out", "out"], cwd=tmp_path, env={"TMPDIR": str(tmp_path / "a")}
    )
    assert "4 jobs: 2 endless, 2 dies" in done.stdout, done.stderr
    assert left_in(tmp_path / "a") == left_in(tmp_path / "b") == []


def test_a_job_whose_folder_is_taken_away_ends_the_sweep_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text('[[model]]\nname = "a"\nscript = "cleans.py"\n')
    (tmp_path / "cleans.py").write_text(
        "import os, pathlib, shutil\nshutil.rmtree(pathlib.Path(os.environ['TMPDIR']).parent)"
    )
    ended = sweep(tmp_path)
    assert ended.returncode == 2
    assert "1 jobs: 1 not done" in ended.stdout
    assert "a worker could not do a / as given / this: [Errno 2] No such file or directory" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_environment_without_shapetrace(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(
        '[[environment]]\nname = "x"\npython = "/no/python"\n[[model]]\nname = "a"\nfactory = "m:f"\n'
    )
    refused = sweep(tmp_path)
    assert refused.returncode == 2
    assert "the environment x: /no/python cannot be run" in refused.stderr


MODELS = """
import functools
import os
import signal
import time
import paddle
from paddle.static import InputSpec

def halves(x):
    return x.reshape([x.shape[0] * 2, -1]) * 3.0

class Good(paddle.nn.Layer):
    def forward(self, x):
        return x.reshape([x.shape[0], -1]) * 3.0

class Leaks(paddle.nn.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = functools.partial(function)

    def forward(self, x):
        return self.function(x)

def spec():
    return [InputSpec([2, 4], "float32", name="x")]

def good():
    return Good(), spec()

def leaks():
    return Leaks(halves), spec()

def differs():
    return Leaks(lambda x: x * float(x.shape[0])), spec()

def inference():
    return Leaks(lambda x: paddle.concat([x, paddle.ones([x.shape[0] % 7, 4])], axis=1)), spec()

def refuses(x):
    raise ValueError("no such thing")

def raises():
    return Leaks(refuses), spec()

def crash(x):
    y = x * 2
    os.kill(os.getpid(), signal.SIGSEGV)
    return y

def crashes():
    return Leaks(crash), spec()

def unbuilt():
    raise ValueError("no weights")

def eats():
    held = b"x" * (3 << 30)
    time.sleep(600)

class Unmapped(paddle.nn.Layer):
    def forward(self, x):
        return paddle.logit(paddle.nn.functional.sigmoid(x))

def unmapped():
    return Unmapped(), spec()
"""


@pytest.mark.paddle
def test_models(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "sweep.toml").write_text(
        'modes = ["batch unknown"]\nsizes = true\n[[model]]\nname = "{each}"\nfactory = "models:{each}"\n'
        'each = ["good", "leaks", "differs", "inference", "raises", "crashes", "unbuilt"]\n'
        '[[model]]\nname = "unverified"\nfactory = "models:differs"\nverify = false\n'
        '[[model]]\nname = "eats"\nfactory = "models:eats"\n[model.limits]\nmemory = 2\n'
    )
    assert sweep(tmp_path, "--workers", "2").returncode == 3
    records = {
        each["model"]: each for each in map(json.loads, (tmp_path / "out/records.jsonl").read_text().splitlines())
    }
    assert {name: each["state"] for name, each in records.items()} == {
        "good": "healthy",
        "leaks": "export-fails",
        "differs": "differs-at-a-size",
        "inference": "fails-at-inference",
        "raises": "dygraph-fails",
        "crashes": "dies",
        "unbuilt": "could-not-be-built",
        "unverified": "finding",
        "eats": "over-memory",
    }
    assert [(axis["name"], axis["says"]) for axis in records["good"]["takes"]] == [
        ("x[0]", "any size"),
        ("x[1]", "4, by the spec"),
    ]
    cause = records["leaks"]["cause"]
    assert (cause["rule"], cause["place"]["file"], cause["op"]) == ("ST101", "models.py", "reshape")
    assert records["inference"]["cause"]["rule"] == "ST102"
    cause = records["crashes"]["cause"]
    assert (cause["signal"], cause["place"]["file"], cause["op"]) == ("SIGSEGV", "models.py", "scale")
    assert records["unbuilt"]["cause"]["says"] == "models:unbuilt failed: ValueError: no weights (models.py:54)"
    assert records["differs"]["cause"]["sizes"][0] == "batch=1"
    assert (tmp_path / "out/reports" / records["good"]["key"] / "report.html").exists()


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="Paddle2ONNX 2 reads programs of Paddle 3")
def test_an_engine_that_refuses_what_paddle_runs(tmp_path: Path) -> None:
    """The repaired model is the one that engines get."""
    for module in ("paddle2onnx", "onnxruntime"):
        pytest.importorskip(module)
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "sweep.toml").write_text(
        'modes = ["batch unknown"]\nengines = ["onnxruntime"]\nremedies = ["callables"]\n'
        '[[model]]\nname = "{each}"\nfactory = "models:{each}"\neach = ["leaks", "unmapped"]\n'
    )
    assert sweep(tmp_path, "--workers", "2").returncode == 3
    lines = (tmp_path / "out/records.jsonl").read_text().splitlines()
    records = {record["model"]: record for record in map(json.loads, lines)}
    assert {name: record["state"] for name, record in records.items()} == {
        "leaks": "healthy",
        "unmapped": "fails-in-an-engine",
    }
    assert records["leaks"]["engines"][0]["ok"] is True
    cause = records["unmapped"]["cause"]
    assert (cause["engine"], cause["stage"], cause["op"], cause["place"]["file"]) == (
        "onnxruntime",
        "convert",
        "pd_op.logit",
        "models.py",
    )
