"""`shapetrace run --with-fixes`: finds the fixes in a run of its own, whose output is kept back, then puts them in front of the files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from shapetrace import fix
from shapetrace.claims import Dims
from shapetrace.cli.judging import Judging
from shapetrace.cli.outputs import say
from shapetrace.cli.program import Program
from shapetrace.errors import TraceFileError, UsageError
from shapetrace.opened import load
from shapetrace.reports.printable import relative, visible
from shapetrace.reports.translations import worded
from shapetrace.said import said
from shapetrace.trace import Finding, Fix, Trace

_LAST = 20  # lines of a run's output that are shown where it came to nothing
_ROUNDS = 5
"""A failing line hides those behind it: so often is looked what was found once the fixes before were made."""


class WithFixes(NamedTuple):
    """The fixes of the first runs, and the files with them."""

    fixes: tuple[Fix, ...]
    digests: dict[str, str]
    sources: fix.InMemory


def find(program: Program, dims: Dims, judging: Judging) -> WithFixes:
    """Run a program under watch in a process of its own, and collect the machine fixes of what is found; then again with these.

    What it prints is kept back, and it reads nothing. What it writes to files it writes, as the last run will again.

    Args:
        program: The program.
        dims: What is claimed of the axes of inputs.
        judging: Which findings are wanted; the others are not fixed.

    Raises:
        UsageError: A run left no trace, or a file has changed while it ran.
    """
    fixes: list[Fix] = []
    digests: dict[str, str] = {}
    sources = fix.InMemory(())
    for number in range(_ROUNDS):
        trace = _run(program, dims, sources)
        judging._replace(written=None).suppress([trace])
        digests = trace.digests | digests
        found, left = fix.choose(trace)
        if found:
            fixes = fix.together(fixes, found)
            sources = fix.InMemory(fix.patches(fixes, digests))
        if not found or number + 1 == _ROUNDS:
            break
    _say(fixes, left)
    changed = {edit.file for each in fixes for edit in each.edits}
    return WithFixes(tuple(fixes), {path: digests[path] for path in changed}, sources)


def _run(program: Program, dims: Dims, sources: fix.InMemory) -> Trace:
    """The trace of a run with fixes that were made before."""
    with tempfile.TemporaryDirectory(prefix="shapetrace_") as folder:
        path, fixed = os.path.join(folder, "trace"), os.path.join(folder, "fixed.json")
        sources.save(fixed)
        options = [
            "--trace",
            path,
            "--isolated",
            "--no-verify",
            "--sources",
            fixed,
            *(word for name, axes in dims.items() for word in ("--dim", f"{name}={','.join(map(str, axes))}")),
        ]
        target = [*(["-m"] if program.module else []), program.target, *program.arguments]
        command = [sys.executable, *_flags(), "-m", "shapetrace", "run", *options, *target]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            return load(path)
        except TraceFileError:
            printed = done.stdout.decode(errors="replace").splitlines()[-_LAST:]
            print(*(f"  {visible(line)}" for line in printed), sep="\n", file=sys.stderr)
            raise UsageError(
                said("the first run, which was to find the fixes, ended with {}", done.returncode)
            ) from None


def _say(fixes: Sequence[Fix], left: Sequence[Finding]) -> None:
    if not fixes:
        say(sys.stderr, worded("the first run found nothing that a machine may fix"))
    for each in fixes:
        places = ", ".join(sorted({f"{relative(edit.file)}:{edit.line}" for edit in each.edits}))
        say(sys.stderr, worded("fixed in memory, at {}: {}", places, each.said))
    for finding in left:
        say(sys.stderr, worded("the fix of {} was left out: a person must judge it", finding.rule))


def _flags() -> list[str]:
    """The options that this interpreter was started with."""
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return flags
