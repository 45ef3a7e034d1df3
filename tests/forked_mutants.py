"""Tries mutants in forks of one process that has collected the tests: a mutant costs the tests that reach it, and no imports.

    python forked_mutants.py RESULTS NAME...        # in the directory with the mutants: writes a line for each that is done

mutmut makes the mutants, and asks at each call of a function which of them is to be tried. What a module makes when it is imported is
made before, so that mutants of that are not for here. The mutants are tried in a random order: a run that is cut short is a sample too.
"""

from __future__ import annotations

import os
import pickle
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import mutmut
import pytest
from mutmut.configuration import config
from mutmut.mutation import trampoline

ACTIVE = "MUTANT_UNDER_TEST"
SURVIVED, NOTICED, NO_TESTS = 0, 1, 33
MOST_SECONDS = 30
"""Of CPU time, for one mutant: one that loops for ever is noticed."""


class Forks:
    """A plugin of pytest that tries mutants in place of running the tests.

    Args:
        names: The mutants.
        results: The file that gets a line for each, its exit code and its name.
    """

    def __init__(self, names: list[str], results: Path) -> None:
        self.names = random.Random(0).sample(names, len(names))
        self.results = results

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn which tests reach which function, and try each mutant with the quickest of its tests first."""
        reaching, seconds = _reached(session)
        with self.results.open("w", encoding="utf-8") as results:
            for name in self.names:
                tests = sorted(reaching.get(name.rpartition("__mutmut_")[0], ()), key=seconds.__getitem__)
                code = _tried(session, name, tests) if tests else NO_TESTS
                print(code, name, file=results, flush=True)
        return True


def _reached(session: pytest.Session) -> tuple[dict[str, set[int]], list[float]]:
    """The tests that reach each function, by their index, and how long each takes; without those that fail with no mutant at all."""
    with tempfile.TemporaryFile() as found:
        if (child := os.fork()) == 0:
            reaching: dict[str, set[int]] = defaultdict(set)
            seconds: list[float] = []
            trampoline.record_trampoline_hit = lambda name, caller=None: reaching[name].add(len(seconds))
            trampoline.set_mutant_under_test("stats")
            del os.environ[ACTIVE]  # a process that a test starts counts nothing
            failing = set()
            for place, item in enumerate(session.items):
                begin = time.process_time()
                if _run(session, [place]):
                    failing.add(place)
                    print(f"fails without any mutant, and is left out: {item.nodeid}", file=sys.stderr)
                seconds.append(time.process_time() - begin)
            pickle.dump(({name: tests - failing for name, tests in reaching.items()}, seconds), found)
            found.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, "the tests end their process"
        found.seek(0)
        reached, took = pickle.load(found)
    return reached, took


def _tried(session: pytest.Session, name: str, tests: list[int]) -> int:
    """How the tests end with a mutant."""
    if (child := os.fork()) == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.environ[ACTIVE] = name
        code = NOTICED
        try:
            code = NOTICED if _run(session, tests) else SURVIVED
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _run(session: pytest.Session, tests: list[int]) -> bool:
    """Run tests up to the first that fails; whether one does."""
    failed = session.testsfailed
    for place, following in zip(tests, [*tests[1:], None], strict=True):
        after = session.items[following] if following is not None else None
        session.config.hook.pytest_runtest_protocol(item=session.items[place], nextitem=after)
        if session.testsfailed > failed:
            return True
    return False


def main(results: str, *names: str) -> int:
    """Run from the command line."""
    settings = config()
    asked = [*settings.pytest_add_cli_args, *settings.pytest_add_cli_args_test_selection]
    sys.path[:0] = [os.getcwd()]
    # A test may run a file with no libraries at all, and the mutants in it ask for mutmut.
    os.environ["PYTHONPATH"] += os.pathsep + str(Path(mutmut.__file__).parent.parent)
    return int(pytest.main(["-q", *asked], plugins=[Forks(list(names), Path(results))]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
