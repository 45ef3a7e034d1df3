"""Runs the scripts of `examples/upstream`: `python -m upstream` (in `tests`) says which of the faults this Paddle has.

Each script stands by itself, so that it can be pasted into a report. Its last line begins with `fault:`, `right:` or `absent:` (what it needs
is not installed); one that ends its process, or does not end, has the fault too.
"""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SCRIPTS = sorted((Path(__file__).parent.parent / "examples" / "upstream").glob("*.py"))
WORDS = ("fault", "right", "absent")
_SECONDS = 180


class Outcome(NamedTuple):
    """What a script said."""

    verdict: str
    """One of `WORDS`."""
    says: str


def title(script: Path) -> str:
    """What is wrong, by the docstring of a script."""
    return (ast.get_docstring(ast.parse(script.read_text("utf-8"))) or "").strip()


def outcome(script: Path) -> Outcome:
    """Run a script."""
    environment = {**os.environ, "GLOG_minloglevel": "3", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, str(script)], capture_output=True, timeout=_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome("fault", f"it did not end within {_SECONDS} s")
    lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.partition(":")[0] in WORDS]
    if done.returncode == 0 and lines:
        verdict, _, says = lines[-1].partition(": ")
        return Outcome(verdict, " ".join(says.split()))
    return Outcome("fault", f"it ends the process ({_how(done.returncode)})")


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def rows() -> Iterator[str]:
    """A row of a table for each script: its name, the verdict, and what it said."""
    for script in SCRIPTS:
        found = outcome(script)
        yield f"| {script.stem} | {found.verdict} | {found.says.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    for row in rows():
        print(row, flush=True)
