"""`shapetrace run --with-fixes`: finds the fixes in a run of its own, whose output is kept back, then puts them in front of the files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from shapetrace import fix
from shapetrace.cli.program import Program
from shapetrace.errors import TraceFileError, UsageError
from shapetrace.reports.printable import relative, visible
from shapetrace.trace import Fix, load

_LAST = 20  # lines of the first run's output that are shown where it came to nothing


class WithFixes(NamedTuple):
    """The fixes of a first run, and the files with them."""

    fixes: tuple[Fix, ...]
    digests: dict[str, str]
    sources: fix.InMemory


def find(program: Program, dims: Sequence[str]) -> WithFixes:
    """Run a program under watch in a process of its own, and collect the machine fixes of what is found.

    What it prints is kept back, and it reads nothing. What it writes to files it writes, as the second run will again.

    Args:
        program: The program.
        dims: What `--dim` was given.

    Raises:
        UsageError: The first run left no trace, or a file has changed while it ran.
    """
    with tempfile.TemporaryDirectory(prefix="shapetrace_") as folder:
        path = os.path.join(folder, "first.trace")
        options = ["--trace", path, "--no-verify", *(word for dim in dims for word in ("--dim", dim))]
        target = [*(["-m"] if program.module else []), program.target, *program.arguments]
        command = [sys.executable, *_flags(), "-m", "shapetrace", "run", *options, *target]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            trace = load(path)
        except TraceFileError:
            said = done.stdout.decode(errors="replace").splitlines()[-_LAST:]
            print(*(f"  {visible(line)}" for line in said), sep="\n", file=sys.stderr)
            raise UsageError(f"the first run, which was to find the fixes, ended with {done.returncode}") from None
    found = fix.collect(trace)
    _say(found)
    return WithFixes(found.fixes, {patch.path: patch.before.digest for patch in found.files}, fix.InMemory(found.files))


def _say(found: fix.Patches) -> None:
    if not found.fixes:
        print("shapetrace: the first run found nothing that a machine may fix", file=sys.stderr)
    for each in found.fixes:
        places = ", ".join(sorted({f"{relative(edit.file)}:{edit.line}" for edit in each.edits}))
        print(f"shapetrace: fixed in memory, at {visible(places)}: {visible(each.says)}", file=sys.stderr)
    for finding in found.left_out:
        print(f"shapetrace: the fix of {visible(finding.rule)} was left out: a person must judge it", file=sys.stderr)


def _flags() -> list[str]:
    """The options that this interpreter was started with."""
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return flags
