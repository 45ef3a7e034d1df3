"""A sweep on a scheduler and two workers, all of them processes that are killed at random moments, against the same sweep undisturbed.

    python benchmarks/sweep_killed.py [--rounds N] [--seed N] [--longest SECONDS] [--file SWEEP.toml | MODEL ...]

Each round begins a sweep over loopback. Again and again after some seconds, drawn by the seed, one process is killed by SIGKILL: mostly a worker, sometimes the sweep
itself, and started anew. When the sweep has ended by itself, its records must be those of the undisturbed one, byte for byte but for what jobs took, and no process
of a job may be left. Without a file, the sweep is of some models of `paddle.vision.models` in two modes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
MODELS = ("LeNet", "squeezenet1_1", "mobilenet_v1", "shufflenet_v2_x0_25")
FILE = """
root = "{root}"
modes = ["batch unknown", "all unknown"]
[[model]]
name = "{{each}}"
factory = "zoo:{{each}}"
each = {models}
"""
_HEALTHY_OR_NOT = (0, 3)
_WORKER = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
_SCHEDULER = ("--port", "0", "--no-dashboard", "--host", "127.0.0.1")
_FOUND = "scheduler.json"


class Round:
    """One sweep that is disturbed.

    Args:
        file: Of the sweep.
        folder: For the scheduler's file and the records.
        moments: What draws the moments, and which process it meets.
        longest: Seconds between two of them, at the most.
        ends: What ends all that is started.
    """

    def __init__(self, file: Path, folder: Path, moments: random.Random, longest: float, ends: ExitStack) -> None:
        self._file, self._folder = file, folder
        self._moments, self._longest, self._ends = moments, longest, ends
        self.killed: Counter[str] = Counter()

    def run(self) -> None:
        """Disturb the sweep until it has ended by itself."""
        self._start("distributed.cli.dask_scheduler", *_SCHEDULER, "--scheduler-file", _FOUND)
        while not (self._folder / _FOUND).exists():
            time.sleep(0.1)
        workers = [self._worker(), self._worker()]
        sweep = self._sweep()
        while True:
            try:
                code = sweep.wait(self._moments.uniform(0.5, self._longest))
            except subprocess.TimeoutExpired:
                if self._moments.random() < 0.25:
                    self._kill("sweep", sweep)
                    sweep = self._sweep()
                else:
                    index = self._moments.randrange(len(workers))
                    self._kill("worker", workers[index])
                    workers[index] = self._worker()
                continue
            assert code in _HEALTHY_OR_NOT, (self._folder / "log.txt").read_text()[-3000:]
            return

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log.txt").open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", *command], cwd=self._folder, stdout=log, stderr=log)
        self._ends.callback(process.wait)
        self._ends.callback(process.kill)
        return process

    def _worker(self) -> subprocess.Popen[bytes]:
        return self._start("distributed.cli.dask_worker", *_WORKER, "--scheduler-file", _FOUND)

    def _sweep(self) -> subprocess.Popen[bytes]:
        return self._start("shapetrace", "sweep", str(self._file), "--out", "out", "--scheduler", _FOUND)

    def _kill(self, name: str, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self.killed[name] += 1


def records(out: Path) -> dict[str, bytes]:
    """What is kept of each job, without what it took, by the names of the files."""
    kept = {}
    for path in sorted((out / "records").glob("*.json")):
        record = json.loads(path.read_bytes())
        del record["spent"]
        kept[path.name] = json.dumps(record).encode()
    return kept


def of_jobs(folder: Path) -> list[str]:
    """Processes that still do a job: their commands name a folder for it, below that of temporary files."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        environ = process.info["environ"] or {}
        command = process.info["cmdline"] or []
        if environ.get("TMPDIR") == str(folder) and any("shapetrace-sweep-" in part for part in command):
            found.append(" ".join(command)[:200])
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(MODELS), metavar="MODEL")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=20.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        os.environ["TMPDIR"] = directory  # so that the processes of jobs are known by it
        file = options.file.resolve() if options.file else folder / "sweep.toml"
        if not options.file:
            root = ROOT / "examples" / "sweep"
            file.write_text(FILE.format(root=root, models=json.dumps(options.models)))
        alone = [sys.executable, "-m", "shapetrace", "sweep", str(file), "--out", str(folder / "alone")]
        assert subprocess.run(alone, capture_output=True, check=False).returncode in _HEALTHY_OR_NOT
        expected = records(folder / "alone")
        print(f"{len(expected)} jobs; undisturbed: {Counter(json.loads(each)['state'] for each in expected.values())}")
        for number in range(options.rounds):
            place = folder / str(number)
            place.mkdir()
            seed = options.seed + number
            start = time.monotonic()
            with ExitStack() as ends:
                disturbed = Round(file, place, random.Random(seed), options.longest, ends)
                disturbed.run()
            found = records(place / "out")
            unlike = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
            left = of_jobs(folder)
            told = ", ".join(f"{name} {count} times" for name, count in disturbed.killed.items())
            print(
                f"seed {seed}: killed {told or 'nothing'}; {time.monotonic() - start:.0f} s;"
                f" records that differ: {len(unlike)} of {len(expected)}; processes left: {len(left)}",
                flush=True,
            )
            for each in (*unlike, *left):
                print(f"    {each}")


if __name__ == "__main__":
    main()
