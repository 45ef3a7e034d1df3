"""A scheduler and workers as processes of their own, which are killed while a sweep runs. Its jobs need no Paddle."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import HUNG, ROOT, run_python

pytestmark = pytest.mark.slow

FILE = """
[[model]]
name = "{each}"
script = "dummy.py"
arguments = ["{each}"]
each = ["a", "b", "c", "d", "e", "f"]
"""
DUMMY = "import sys, time; time.sleep(0.5); sys.exit(f'no weights for {sys.argv[1]}')"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "plugins")))}


@contextmanager
def running(*command: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process, until the block ends. What it prints is in a file by the name of its module."""
    with (
        (folder / f"{command[0]}.txt").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def scheduler(folder: Path) -> Any:
    options = ("--port", "0", "--no-dashboard", "--host", "127.0.0.1")
    return running("distributed.cli.dask_scheduler", *options, "--scheduler-file", "scheduler.json", folder=folder)


def worker(folder: Path) -> Any:
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
    return running("distributed.cli.dask_worker", *options, "--scheduler-file", "scheduler.json", folder=folder)


def sweeping(folder: Path, out: str) -> Any:
    options = ("--out", out, "--scheduler", "scheduler.json")
    return running("shapetrace", "sweep", "sweep.toml", *options, folder=folder)


def records(folder: Path) -> dict[str, Any]:
    """All but what jobs took, by the names of the files."""
    found = {path.name: json.loads(path.read_bytes()) for path in sorted((folder / "records").glob("*.json"))}
    return {name: {**each, "spent": None} for name, each in found.items()}


def wait(condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for something that happens unless what is tested is broken, or its process ends."""
    for _ in range(6000):
        if condition() or (process is not None and process.poll() is not None):
            return
        time.sleep(0.05)
    raise AssertionError("it does not happen")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The records of a sweep in which nothing is killed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    asked(folder)
    alone = run_python(["-m", "shapetrace", "sweep", "sweep.toml", "--out", "alone", "--workers", "2"], cwd=folder)
    assert alone.returncode == 3, alone.stderr
    return records(folder / "alone")


def asked(folder: Path) -> None:
    (folder / "sweep.toml").write_text(FILE)
    (folder / "dummy.py").write_text(DUMMY)


def done(out: Path) -> int:
    return len(list(out.glob("records/*.json")))


MOMENT = random.Random(os.environ.get("PYTHONHASHSEED"))


def test_what_is_killed_loses_no_more_than_the_jobs_in_flight(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    asked(tmp_path)
    out = tmp_path / "out"
    with scheduler(tmp_path):
        wait((tmp_path / "scheduler.json").exists)
        with worker(tmp_path) as first, worker(tmp_path), sweeping(tmp_path, "out") as sweep:
            wait(lambda: done(out) >= 1, sweep)
            time.sleep(MOMENT.uniform(0, 0.5))
            first.kill()
            wait(lambda: done(out) >= 3, sweep)
            time.sleep(MOMENT.uniform(0, 0.5))
            sweep.kill()
            sweep.wait()
            kept = {path.name: path.read_bytes() for path in out.glob("records/*.json")}
            assert len(kept) >= 3
            with worker(tmp_path), sweeping(tmp_path, "out") as again:
                assert again.wait() == 3
    assert records(out) == undisturbed
    assert {name: (out / "records" / name).read_bytes() for name in kept} == kept


def test_a_sweep_whose_scheduler_is_killed_ends_and_goes_on_with_another(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    asked(tmp_path)
    out, file = tmp_path / "out", tmp_path / "scheduler.json"
    with scheduler(tmp_path) as first:
        wait(file.exists)
        with worker(tmp_path), sweeping(tmp_path, "out") as sweep:
            wait(lambda: done(out) >= 1, sweep)
            time.sleep(MOMENT.uniform(0, 0.5))
            first.kill()
            assert sweep.wait(HUNG) == 2
    assert (out / "index.html").exists()
    assert 1 <= done(out) < 6
    told = (tmp_path / "shapetrace.txt").read_text()
    assert told.endswith(
        "the scheduler has ended, or was restarted: start the sweep again, which goes on where it was\n"
    )
    assert "Traceback" not in told
    file.unlink()
    with scheduler(tmp_path):
        wait(file.exists)
        with worker(tmp_path), sweeping(tmp_path, "out") as again:
            assert again.wait(HUNG) == 3
    assert records(out) == undisturbed
