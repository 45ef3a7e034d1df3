"""Call stacks made cheaply are the ones that Python makes."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from shapetrace import Trace
from shapetrace.capture.probes.call_stacks import look_once, summarise_once
from shapetrace.capture.session import Session
from shapetrace.patching import Transaction

ORIGINAL = traceback.extract_stack


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if "paddle" not in sys.modules:  # a session asks for the version
        monkeypatch.setitem(sys.modules, "paddle", SimpleNamespace(__version__="3.3.1"))
    transaction = Transaction()
    for install in (look_once, summarise_once):
        install(Session(Trace()), transaction)
    yield
    transaction.undo()
    assert traceback.extract_stack is ORIGINAL


def both(depth: int) -> tuple[traceback.StackSummary, traceback.StackSummary]:
    if depth:
        return both(depth - 1)
    return traceback.extract_stack(), ORIGINAL()


def test_the_stack_is_the_same(cheap: None) -> None:
    for depth in (0, 5, 5):
        found, expected = both(depth)
        assert traceback.format_list(found) == traceback.format_list(expected)
        assert [item.line for item in found] == [item.line for item in expected]
        assert type(found) is traceback.StackSummary


def test_lines_of_one_function_are_told_apart(cheap: None) -> None:
    first = traceback.extract_stack()[-1]
    second = traceback.extract_stack()[-1]
    assert (first.line, second.line) == (
        "first = traceback.extract_stack()[-1]",
        "second = traceback.extract_stack()[-1]",
    )


def test_a_frame_and_a_limit_can_be_given(cheap: None) -> None:
    outer = sys._getframe(1)
    assert traceback.extract_stack(outer) == ORIGINAL(outer)
    assert traceback.extract_stack(limit=2) == ORIGINAL(limit=2)
    assert traceback.format_stack()[:-1] == traceback.format_list(ORIGINAL())[:-1]


def test_code_that_is_gone_lends_its_place_to_no_other(cheap: None) -> None:
    for number in range(200):
        space = {"traceback": traceback}
        exec(
            compile(
                f"\ndef made_{number}():\n    return traceback.extract_stack()[-1].name", f"<made {number}>", "exec"
            ),
            space,
        )
        assert space[f"made_{number}"]() == f"made_{number}"  # type: ignore[operator]


def test_each_file_is_looked_at_once(cheap: None, tmp_path: Path) -> None:
    file = tmp_path / "edited.py"
    file.write_text("first\n")
    linecache.checkcache(str(file))
    assert linecache.getline(str(file), 1) == "first\n"
    file.write_text("second, longer\n")
    linecache.checkcache(str(file))
    assert linecache.getline(str(file), 1) == "first\n"
    linecache.checkcache()  # of all files: asked for by hand
    assert linecache.getline(str(file), 1) == "second, longer\n"
