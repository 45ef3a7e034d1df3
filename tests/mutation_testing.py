"""Mutation testing of what decides what is said: the numbers that remember, the rules, the graph, and what ops and operators mean.

    nox -s mutants                                     # a sample of 400 mutants
    nox -s mutants -- --count 100 --seed 7             # another one
    nox -s mutants -- --count 0 'shapetrace.dim.*'     # all of a module

mutmut changes a function in one place; a mutant that none of the tests notices that reach it survives. They are tried in forks
(`forked_mutants.py`), and by mutmut itself, each in a process of its own, where it is about what a module makes when it is imported.
`[tool.mutmut]` in `pyproject.toml` says which modules and which tests, all of which read traces that are recorded once, and convert
nothing. What a mutant is: `mutmut show NAME`.
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

from recorded_traces import DIRECTORY, Recordings, every
from subprocess_run import ROOT

MUTANTS = ROOT / "mutants"
TRACES = MUTANTS / "traces"
STATS = MUTANTS / "mutmut-stats.json"
"""Where mutmut notes which tests reach a function."""
MADE_AT_IMPORT = "shapetrace.dim."
"""What begins so makes methods when its module is imported. mutmut takes it for reached by the test that imports it first, alone."""
FIRST = "shapetrace.operators.*"
"""A small module: mutmut makes the mutants of all modules before it runs any."""
SURVIVED, NO_TESTS = 0, 33
"""What mutmut notes of a mutant that no test noticed, and of one that no test reaches; a number for each other end."""


def results() -> dict[str, int | None]:
    """What became of each mutant, by its name; None of one that was not tried."""
    notes = (json.loads(path.read_text(encoding="utf-8")) for path in MUTANTS.rglob("*.meta"))
    return {name: code for note in notes for name, code in note.get("exit_code_by_key", {}).items()}


def group(name: str) -> str:
    """The row of the table that a mutant counts for."""
    package, module = name.removeprefix("shapetrace.").split(".")[:2]
    if package == "rules" and module == "fixes":
        return "rules/fixes"
    return package if package in ("rules", "graph") else f"{package}/{module}" if package == "capture" else package


def table(names: list[str], codes: dict[str, int | None]) -> str:
    """How many mutants were noticed, a row a part."""
    tried, missed = Counter(map(group, names)), Counter(group(name) for name in names if survives(codes[name]))
    rows = [(part, tried[part], missed[part]) for part in sorted(tried)]
    rows.append(("all", tried.total(), missed.total()))
    lines = (f"| {part} | {count} | {count - lost} | {(count - lost) / count:.0%} |" for part, count, lost in rows)
    return "\n".join(("| | mutants | noticed | |", "| --- | --- | --- | --- |", *lines))


def survives(code: int | None) -> bool:
    """Whether nothing noticed a mutant."""
    return code in (SURVIVED, NO_TESTS, None)


def reach_all_tests_of_the_module() -> None:
    """Have the mutants of what a module makes when it is imported tried with all tests that use what it made."""
    stats = json.loads(STATS.read_text(encoding="utf-8"))
    reached: dict[str, list[str]] = stats["tests_by_mangled_function_name"]
    made = [name for name in reached if name.startswith(MADE_AT_IMPORT)]
    tests = sorted({test for name in made for test in reached[name]})
    reached.update(dict.fromkeys(made, tests))
    STATS.write_text(json.dumps(stats, indent=4), encoding="utf-8")


def run(*names: str) -> None:
    """Have mutmut try mutants."""
    environment = {**os.environ, DIRECTORY: str(TRACES), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "mutmut", "run", *names], cwd=ROOT, env=environment, check=False)


def tried(names: list[str]) -> dict[str, int | None]:
    """What became of each of these mutants."""
    at_import = [name for name in names if name.startswith(MADE_AT_IMPORT)]
    if at_import:
        run(*at_import)
    known = results()
    codes = {name: known[name] for name in at_import}
    others = [name for name in names if name not in codes]
    path = MUTANTS / "tried.txt"
    path.unlink(missing_ok=True)
    copied = os.pathsep.join(str(MUTANTS / folder) for folder in ("", "plugins", "tests"))
    environment = {**os.environ, DIRECTORY: str(TRACES), "OMP_NUM_THREADS": "1", "PYTHONPATH": copied}
    command = [sys.executable, "tests/forked_mutants.py", str(path), *others]
    subprocess.run(command, cwd=MUTANTS, env=environment, check=True)
    lines = path.read_text(encoding="utf-8").splitlines()
    return {**dict.fromkeys(others), **codes, **{name: int(code) for code, name in map(str.split, lines)}}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("patterns", nargs="*", default=["*"], help="mutants to choose from, such as 'shapetrace.dim.*'")
    parser.add_argument("--count", type=int, default=400, help="how many of them; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    Recordings(TRACES).record(every())
    run(FIRST)
    reach_all_tests_of_the_module()
    known = sorted(name for name in results() if any(fnmatch.fnmatch(name, pattern) for pattern in asked.patterns))
    chosen = sorted(random.Random(asked.seed).sample(known, min(asked.count or len(known), len(known))))
    codes = tried(chosen)
    print(table(chosen, codes))
    print("\nnot noticed:", *(name for name in chosen if survives(codes[name])), sep="\n")


if __name__ == "__main__":
    main()
