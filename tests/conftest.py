"""Fixtures for all tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import versions
from recorded_traces import DIRECTORY, Recordings, of_this_run
from subprocess_run import PATIENCE, run_python

pytest_plugins = ("pytester",)

os.environ.setdefault("SHAPETRACE_PATIENCE", PATIENCE)

hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked `paddle` where Paddle, which is optional, is not installed or too old for them."""
    missing = importlib.util.find_spec("paddle") is None
    for item in items:
        if item.get_closest_marker("paddle") and missing:
            item.add_marker(pytest.mark.skip(reason="Paddle is not installed"))
        else:
            versions.mark(item)


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a directory for its recorded traces; the workers of pytest-xdist inherit it."""
    if DIRECTORY not in os.environ:
        os.environ[DIRECTORY] = directory = tempfile.mkdtemp(prefix="shapetrace-recorded-")
        config.add_cleanup(partial(shutil.rmtree, directory, ignore_errors=True))
        config.add_cleanup(partial(os.environ.__delitem__, DIRECTORY))


@pytest.fixture(scope="session")
def recorded() -> Recordings:
    """The traces of the small models, recorded once for all workers of this run: see `recorded_traces`."""
    return of_this_run()


@pytest.fixture(autouse=True)
def closed_watches() -> Iterator[None]:
    """A watch that a test leaves open would be told of in another test, as nested."""
    before = _open_watch()
    yield
    assert _open_watch() in (None, before)


def _open_watch() -> object:
    module = sys.modules.get("shapetrace.watch")
    return module._open if module is not None else None


@pytest.fixture
def run_code(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a piece of Python in a limited process, from a real file so that its source can be read."""

    def run(code: str, *arguments: str, cwd: Path = tmp_path, **options: Any) -> subprocess.CompletedProcess[str]:
        script = tmp_path / "script.py"
        script.write_text(textwrap.dedent(code), encoding="utf-8")
        return run_python([script, *arguments], cwd=cwd, **options)

    return run
