"""Runs the tests on each Paddle that shapetrace watches, and on each Python that has wheels of it.

    nox --list                          # what there is
    nox -s 'tests(2.6.2)'               # one Paddle, on the Python that runs nox
    nox -s oldest                       # 2.6.2 over the models, as `make test` does
    nox -t others                       # all but the newest: 2.6.2 in full, those between over the models
    nox -s pythons                      # 3.3.1 on the other Pythons, the tests of the models
    nox -s tests -- tests/test_watch.py # other tests
    nox -s mutants                      # mutation testing, of a sample: see tests/mutation_testing.py

Wheels are on PyPI; each session has an environment of its own in `.nox`.
"""

from __future__ import annotations

import sys

import nox

NEWEST, OLDEST = "3.3.1", "2.6.2"
BETWEEN = ("3.0.0", "3.1.1", "3.2.2")
PYTHONS = ("3.10", "3.12", "3.13")
"""Besides the one that runs nox. There are wheels of Paddle 3.x for 3.10 to 3.13, and of 2.6.2 up to 3.12."""

MODELS = (
    *("tests/test_findings.py", "tests/test_models.py", "tests/test_watch.py", "tests/test_healthy.py"),
    *("tests/cli/test_example.py", "tests/capture", "tests/facts", "tests/plugins"),
)
"""Small models with a bug each and their healthy twins, the example, and what a watch does to a process."""

MUTMUT = "mutmut==3.8.1"
PARALLEL = ("-n", "auto", "--dist", "loadfile")

nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "venv"


def run(session: nox.Session, paddle: str, tests: tuple[str, ...]) -> None:
    """Install shapetrace with a Paddle, and test it."""
    older = ("numpy<2",) if paddle == OLDEST else ()  # it was built for that, and does not say so
    session.install("--editable", ".[dev]", f"paddlepaddle=={paddle}", *older)
    session.run("python", "-m", "pytest", *PARALLEL, *(session.posargs or tests), env={"OMP_NUM_THREADS": "1"})


@nox.session(reuse_venv=True)
@nox.parametrize(
    "paddle",
    [
        nox.param(NEWEST, id=NEWEST),
        nox.param(OLDEST, id=OLDEST, tags=["others"]),
        *(nox.param(version, id=version, tags=["others"]) for version in BETWEEN),
    ],
)
def tests(session: nox.Session, paddle: str) -> None:
    """The newest and the oldest Paddle in full, the ones between over the models."""
    if paddle == OLDEST and sys.version_info >= (3, 13):
        session.skip(f"there is no wheel of Paddle {OLDEST} for Python 3.13 and later")
    run(session, paddle, MODELS if paddle in BETWEEN else ())


@nox.session(reuse_venv=True)
def oldest(session: nox.Session) -> None:
    """The oldest Paddle over the models: what is run of it each time."""
    if sys.version_info >= (3, 13):
        session.skip(f"there is no wheel of Paddle {OLDEST} for Python 3.13 and later")
    run(session, OLDEST, MODELS)


@nox.session(python=PYTHONS, reuse_venv=True, tags=["pythons"])
def pythons(session: nox.Session) -> None:
    """The newest Paddle on the other Pythons, over the models."""
    run(session, NEWEST, MODELS)


@nox.session(reuse_venv=True)
def mutants(session: nox.Session) -> None:
    """Change the code in one place after another, and see whether a test notices. By hand: it takes half an hour."""
    session.install("--editable", ".[dev]", f"paddlepaddle=={NEWEST}", MUTMUT)
    session.run("python", "tests/mutation_testing.py", *session.posargs, env={"OMP_NUM_THREADS": "1"})
