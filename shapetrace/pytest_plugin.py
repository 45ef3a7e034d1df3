"""The pytest fixture `shape_watch`: the test's conversions are watched, and an error among the findings fails the test.

    def test_export(shape_watch):
        paddle.jit.save(layer, "model", input_spec=[...])

The watch closes when the test function has returned, so that a finding is a failure of the test with the line that
it is about, and not an error after it. What the project leaves out (`[tool.shapetrace]` in the pyproject.toml of pytest's root) does
not count.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from shapetrace import settings
from shapetrace.suppression import Choice, suppress
from shapetrace.trace import Trace
from shapetrace.watch import watch

_open = pytest.StashKey[tuple[watch, Trace, Choice]]()


@pytest.fixture
def shape_watch(request: pytest.FixtureRequest) -> Iterator[Trace]:
    """The trace of a watch that is open for the length of the test; the test fails over findings that are errors.

    Its findings are there once the test has ended. To assert on them in the test itself, open a
    `shapetrace.watch()` in it instead.
    """
    choice = settings.find(request.config.rootpath).choice
    watching = watch()
    trace = watching.__enter__()
    request.node.stash[_open] = watching, trace, choice
    try:
        yield trace
    finally:
        _close(request.node, None)  # where no test function was called in between


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Close the watch of a test when its function has ended."""
    __tracebackhide__ = True
    try:
        returned = yield
    except BaseException as error:
        _end(pyfuncitem, error)
        raise
    _close(pyfuncitem, None)
    return returned


def _close(item: pytest.Item, error: BaseException | None) -> None:
    """Close the watch, and fail where it has found errors."""
    __tracebackhide__ = True
    trace = _end(item, error)
    if trace is not None and any(finding.severity == "error" for finding in trace.findings):
        pytest.fail(f"shapetrace has found errors in this test's conversions:\n\n{trace}", pytrace=False)


def _end(item: pytest.Item, error: BaseException | None) -> Trace | None:
    opened = item.stash.get(_open, None)
    if opened is None:
        return None
    del item.stash[_open]
    watching, trace, choice = opened
    watching.__exit__(type(error) if error is not None else None, error, error.__traceback__ if error else None)
    suppress(trace, "choice", choice.hides)
    return trace
