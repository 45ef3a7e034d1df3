"""What `shapetrace sweep` costs beside the exports themselves.

    python benchmarks/sweep_cost.py [--jobs N] [--rounds N] [MODEL ...]

First the exports of some models of `paddle.vision.models` in two modes, by a sweep of one worker and by a shell script of the same commands, in turn. Then a sweep of N
jobs of a model that is not there, in place of whose commands a shell says so and ends: what remains is the sweep's own. Last the page of those, in a
Chromium if there are one and playwright. Wall time is of no use on a machine that does other things besides; the processor's says more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from shapetrace.sweep import commands, plan
from shapetrace.sweep.folder import Folder
from shapetrace.sweep.jobs import jobs

ROOT = Path(__file__).parent.parent
MODELS = ("LeNet", "squeezenet1_1", "mobilenet_v1")
EXPORTS = """
root = "{root}"
modes = ["batch unknown", "all unknown"]
[[model]]
name = "{{each}}"
factory = "zoo:{{each}}"
each = {models}
"""
NOTHING = """
modes = ["batch unknown", "all unknown"]
[[environment]]
name = "a"
python = "{python}"
[[environment]]
name = "b"
python = "{python}"
[[model]]
name = "{{each}}"
factory = "models:{{each}}"
each = {models}
"""
SHELL = """#!/bin/sh
if [ "$1" = -c ]; then exec {python} "$@"; fi
echo "ValueError: no weights of kind $(($$ % 50))"
exit 1
"""
FILTER = """async () => {
  const count = document.getElementById('count');
  const before = count.textContent;
  const field = document.getElementById('search');
  const start = performance.now();
  field.value = 'model-12';
  field.dispatchEvent(new Event('input'));
  while (count.textContent === before) await new Promise((done) => setTimeout(done, 1));
  return performance.now() - start;
}"""


class Took(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float
    """Of all processes."""


def took(work: Callable[[], object]) -> Took:
    """What running something in other processes takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def sweep(file: Path, out: Path) -> None:
    """Do a sweep, by one worker."""
    command = [sys.executable, "-m", "shapetrace", "sweep", str(file), "--out", str(out), "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr[-3000:]


def shell(file: Path, out: Path) -> None:
    """Run the commands of the same jobs by a shell script, a folder each."""
    lines = ["set +e"]
    for number, job in enumerate(jobs(plan.read(file), file)):
        folder = out / str(number)
        command = shlex.join(commands.export(job, folder))
        lines.append(f"mkdir -p {folder}; (cd {shlex.quote(job.root)} && {command}) >{folder}/log.txt 2>&1 </dev/null")
    variables = {**os.environ, "PYTHONHASHSEED": "0", "SHAPETRACE_PATIENCE": "60"}
    subprocess.run(["sh", "-c", "\n".join(lines)], env=variables, check=False)


def compare(models: list[str], rounds: int, folder: Path) -> None:
    """Print what a sweep takes over a shell script."""
    file = folder / "exports.toml"
    file.write_text(EXPORTS.format(root=ROOT / "examples" / "sweep", models=json.dumps(models)))
    count = len(jobs(plan.read(file), file))
    swept, looped, fixed = [], [], []
    for number in range(rounds):
        swept.append(took(lambda: sweep(file, folder / f"swept-{number}")))  # noqa: B023  done at once
        fixed.append(took(lambda: sweep(file, folder / f"swept-{number}")))  # noqa: B023  the same, and nothing is left to do
        looped.append(took(lambda: shell(file, folder / f"looped-{number}")))  # noqa: B023  the same
    print(f"{count} exports, seconds of processor a job: the median of {rounds} rounds (and from, to)")
    for name, each in (("sweep", swept), ("shell script", looped)):
        values = sorted(spent.cpu / count for spent in each)
        print(f"{name:>16}: {statistics.median(values):6.2f} ({values[0]:.2f} to {values[-1]:.2f})")
    more = statistics.median((a.cpu - b.cpu - c.cpu) / count for a, b, c in zip(swept, looped, fixed, strict=True))
    begin = statistics.median(spent.cpu for spent in fixed)
    print(f"{'more a job':>16}: {more:6.2f}, and {begin:.2f} once, to begin and to end")


def schedule(count: int, folder: Path) -> Path:
    """Print what the sweep's own part of many jobs takes."""
    python = folder / "python"
    python.write_text(SHELL.format(python=shlex.quote(sys.executable)))
    python.chmod(0o755)
    file, out = folder / "nothing.toml", folder / "nothing"
    models = [f"model-{number:03}" for number in range((count + 3) // 4)]
    file.write_text(NOTHING.format(python=python, models=json.dumps(models)))
    first, again = took(lambda: sweep(file, out)), took(lambda: sweep(file, out))
    records = Folder(out).records()
    total, inside = len(records), sum(record.spent.cpu for record in records)
    print(f"\n{total:,} jobs that end at once, by one worker")
    print(f"{'a job':>16}: {first.wall / total * 1000:6.1f} ms, {first.cpu / total * 1000:.1f} ms of processor")
    print(f"{'in its process':>16}: {'':>10} {inside / total * 1000:.1f} ms of processor")
    print(f"{'all again':>16}: {again.wall:6.1f} s, {again.cpu:.1f} s of processor, with no job left to do")
    return out / "index.html"


def look(page_file: Path, rounds: int) -> None:
    """Print how large the page is, and how fast in a browser."""
    print(f"{'page':>16}: {page_file.stat().st_size / 1e3:6.0f} kB")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("playwright is not installed, and the page was not opened")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        opened, filtered = [], []
        for _ in range(rounds):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            start = time.perf_counter()
            page.goto(page_file.as_uri())
            page.wait_for_function("document.getElementById('count').textContent !== ''")
            opened.append((time.perf_counter() - start) * 1000)
            filtered.append(page.evaluate(FILTER))
            page.close()
        browser.close()
    for name, values in (("opened", opened), ("filtered", filtered)):
        print(f"{name:>16}: {statistics.median(values):6.0f} ms ({min(values):.0f} to {max(values):.0f})")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(MODELS), metavar="MODEL")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        compare(options.models, options.rounds, folder)
        look(schedule(options.jobs, folder), options.rounds)


if __name__ == "__main__":
    main()
