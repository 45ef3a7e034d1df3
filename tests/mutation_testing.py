"""Mutation testing of what decides what is said: the numbers that remember, the rules, the graph, sizes, symbolic dims, and what ops mean.

    nox -s mutants                                     # a sample of 400 mutants
    nox -s mutants -- --count 100 --seed 7             # another one
    nox -s mutants -- --count 0 'shapetrace.dim.*'     # all of a module

mutmut changes a function in one place; a mutant that none of the tests notices that reach it survives. They are tried in forks
that have collected the tests (`forked_mutants.py`); `[tool.mutmut]` in `pyproject.toml` says which modules and which tests, which read
traces that are recorded once. What makes things when it is imported, or looks at the user's frames, is tried in forks that import it
with the mutant in it (`replaced_mutants.py`). What a mutant is: `mutmut show NAME`.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants

from recorded_traces import DIRECTORY, Recordings, every
from replaced_mutants import TESTS
from rules.test_spellings_of_values import SPELLINGS
from sizes.test_spellings import SAYS
from subprocess_run import ROOT

MUTANTS = ROOT / "mutants"
TRACES = MUTANTS / "traces"
SURVIVED, NO_TESTS = 0, 33
"""What is noted of a mutant that no test noticed, and of one that no test reaches; a number for each other end."""


def make() -> None:
    """Have mutmut make the mutants, in a copy of the repository."""
    os.chdir(ROOT)
    for path in (MUTANTS / "shapetrace").rglob("*"):  # mutmut writes none of them over that has no mutants
        if path.is_file() and not path.name.endswith((".meta", ".spans")) and not Path(f"{path}.meta").exists():
            path.unlink()
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(os.cpu_count() or 1)


def known() -> list[str]:
    """The mutants, by name."""
    notes = (json.loads(path.read_text(encoding="utf-8")) for path in MUTANTS.rglob("*.meta"))
    return sorted(name for note in notes for name in note["exit_code_by_key"])


def group(name: str) -> str:
    """The row of the table that a mutant counts for."""
    package, module = name.removeprefix("shapetrace.").split(".")[:2]
    if package == "rules" and module == "fixes":
        return "rules/fixes"
    return package if package in ("rules", "graph") else f"{package}/{module}" if package == "capture" else package


def table(names: list[str], codes: dict[str, int]) -> str:
    """How many mutants were noticed, a row a part."""
    tried, missed = Counter(map(group, names)), Counter(group(name) for name in names if survives(codes[name]))
    rows = [(part, tried[part], missed[part]) for part in sorted(tried)]
    rows.append(("all", tried.total(), missed.total()))
    lines = (f"| {part} | {count} | {count - lost} | {(count - lost) / count:.0%} |" for part, count, lost in rows)
    return "\n".join(("| | mutants | noticed | |", "| --- | --- | --- | --- |", *lines))


def survives(code: int) -> bool:
    """Whether nothing noticed a mutant."""
    return code in (SURVIVED, NO_TESTS)


def tried(names: list[str]) -> dict[str, int]:
    """What became of each of these mutants."""
    replaced = [name for name in names if name.startswith(tuple(TESTS))]
    called = [name for name in names if name not in replaced]
    return _told(ROOT, "replaced_mutants.py", replaced) | _told(MUTANTS, "forked_mutants.py", called)


def _told(root: Path, script: str, names: list[str]) -> dict[str, int]:
    """What a script tells of mutants, with the code at `root`."""
    path = MUTANTS / "tried.txt"
    path.write_text("", encoding="utf-8")
    paths = os.pathsep.join(str(root / folder) for folder in ("", "plugins", "tests"))
    environment = {**os.environ, DIRECTORY: str(TRACES), "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    if names:
        subprocess.run([sys.executable, f"tests/{script}", str(path), *names], cwd=root, env=environment, check=True)
    return {name: int(code) for code, name in map(str.split, path.read_text(encoding="utf-8").splitlines())}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("patterns", nargs="*", default=["*"], help="mutants to choose from, such as 'shapetrace.dim.*'")
    parser.add_argument("--count", type=int, default=400, help="how many of them; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    Recordings(TRACES).record([*every(), *SAYS, *(f"value_spellings:{name}" for name in SPELLINGS)])
    make()
    names = [name for name in known() if any(fnmatch.fnmatch(name, pattern) for pattern in asked.patterns)]
    chosen = sorted(random.Random(asked.seed).sample(names, min(asked.count or len(names), len(names))))
    codes = tried(chosen)
    print(table(chosen, codes))
    print("\nnot noticed:", *(name for name in chosen if survives(codes[name])), sep="\n")


if __name__ == "__main__":
    main()
