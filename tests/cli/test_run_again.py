"""The command that a report suggests is the one that was run, with the remedy."""

from __future__ import annotations

import pytest

from shapetrace import Trace
from shapetrace.cli import reporting
from shapetrace.trace import Applied


@pytest.mark.parametrize(
    ("typed", "tried", "applied", "again"),
    [
        ("export.py", "", "", "export.py"),
        ("--dim x=B,4 --report a.html export.py", "", "", "--dim x=B,4 --report a.html export.py"),
        ("-m export.py", "", "", "-m export.py"),
        ("--remedy rtdetrv2 --no-verify export.py", "rtdetrv2", "", "--no-verify export.py"),
        ("--remedy=rtdetrv2 -- export.py", "rtdetrv2", "", "-- export.py"),
        ("--remedy a --remedy b export.py", "a b", "b", "--remedy b export.py"),
        ("--remedy a --remedy a export.py", "a", "", "export.py"),
    ],
)
def test_what_was_typed_is_repeated(typed: str, tried: str, applied: str, again: str) -> None:
    trace = Trace(tried=tuple(tried.split()), remedies=[Applied(name) for name in applied.split()])
    words = [*typed.split(), "--remedy", "c", "two words"]
    assert reporting._repeat(words, 4, trace) == f"{again} --remedy c 'two words'"
