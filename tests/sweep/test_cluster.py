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

from subprocess_run import ROOT, run_python

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
    """A process, until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
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


def test_what_is_killed_loses_no_more_than_the_jobs_in_flight(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(FILE)
    (tmp_path / "dummy.py").write_text(DUMMY)
    undisturbed = run_python(
        ["-m", "shapetrace", "sweep", "sweep.toml", "--out", "alone", "--workers", "2"], cwd=tmp_path
    )
    assert undisturbed.returncode == 3, undisturbed.stderr
    out = tmp_path / "out"
    done = lambda: len(list(out.glob("records/*.json")))  # noqa: E731
    moment = random.Random(os.environ.get("PYTHONHASHSEED"))
    with scheduler(tmp_path):
        wait((tmp_path / "scheduler.json").exists)
        with worker(tmp_path) as first, worker(tmp_path), sweeping(tmp_path, "out") as sweep:
            wait(lambda: done() >= 1, sweep)
            time.sleep(moment.uniform(0, 0.5))
            first.kill()
            wait(lambda: done() >= 3, sweep)
            time.sleep(moment.uniform(0, 0.5))
            sweep.kill()
            sweep.wait()
            kept = {path.name: path.read_bytes() for path in out.glob("records/*.json")}
            assert len(kept) >= 3
            with worker(tmp_path), sweeping(tmp_path, "out") as again:
                assert again.wait() == 3
    assert records(out) == records(tmp_path / "alone")
    assert {name: (out / "records" / name).read_bytes() for name in kept} == kept
