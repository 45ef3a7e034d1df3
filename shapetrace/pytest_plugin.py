"""The pytest fixture `shape_watch`: the test's conversions are watched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shapetrace.trace import Trace
from shapetrace.watch import watch


@pytest.fixture
def shape_watch() -> Iterator[Trace]:
    """The trace of a watch that is open for the length of the test.

    Its findings are there once the test has ended. To assert on them in the test itself, open a
    `shapetrace.watch()` in it instead.
    """
    with watch(strict=True) as trace:
        yield trace
