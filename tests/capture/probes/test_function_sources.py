"""Sources that are read once are those that Python reads."""

from __future__ import annotations

import functools
import inspect
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any, cast

import pytest

from shapetrace import Trace
from shapetrace.capture.probes.function_sources import read_once
from shapetrace.capture.session import Session
from shapetrace.patching import Transaction

ORIGINAL = inspect.getsourcelines


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if "paddle" not in sys.modules:  # a session asks for the version
        monkeypatch.setitem(sys.modules, "paddle", SimpleNamespace(__version__="3.3.1"))
    transaction = Transaction()
    read_once(Session(Trace()), transaction)
    yield
    transaction.undo()
    assert inspect.getsourcelines is ORIGINAL


class Layer:
    """Has a method, and a decorated one."""

    def method(self) -> int:
        """Two lines."""
        return 1

    @functools.lru_cache  # noqa: B019  never called
    def kept(self) -> int:
        """Stands for another function."""
        return 2


def wrapper(function: Any) -> Any:
    """Have something stand for a function."""

    @functools.wraps(function)
    def wrapped() -> Any:
        return function()

    return wrapped


@pytest.mark.parametrize(
    "function",
    [
        wrapper,
        Layer.method,
        Layer().method,
        Layer.kept,
        Layer,
        wrapper(Layer.method),
        wrapper(wrapper),
        lambda: 1,
        wrapper.__code__,
    ],
)
def test_it_is_the_same_each_time(once: None, function: Any) -> None:
    for _ in range(3):
        lines, number = inspect.getsourcelines(function)
        assert (lines, number) == ORIGINAL(function)
        lines.clear()  # the caller's own
        assert inspect.getsource(function) == "".join(ORIGINAL(function)[0])


def test_what_has_no_source_is_refused_as_always(once: None) -> None:
    made: dict[str, Any] = {}
    exec("def made(): pass", made)
    for function in (len, made["made"]):
        with pytest.raises((OSError, TypeError)) as refused:
            inspect.getsourcelines(function)
        with pytest.raises(refused.type) as expected:
            ORIGINAL(function)
        assert str(refused.value) == str(expected.value)
        if sys.version_info >= (3, 11):  # see `leave_no_frame`
            assert [entry.name for entry in refused.traceback][1:] == [entry.name for entry in expected.traceback][1:]


def test_equal_code_of_two_files_is_told_apart(once: None, tmp_path: Path) -> None:
    functions = []
    for name, comment in (("first", "one"), ("second", "two")):
        file = tmp_path / f"{name}.py"
        file.write_text(f"def made():\n    # {comment}\n    return 1\n")
        space: dict[str, Any] = {}
        exec(compile(file.read_text(), str(file), "exec"), space)
        functions.append(space["made"])
    first, second = (cast(CodeType, function.__code__) for function in functions)
    assert first == second  # as Python sees it
    assert [inspect.getsourcelines(function)[0][1] for function in functions] == ["    # one\n", "    # two\n"]


def test_each_is_read_once(once: None, tmp_path: Path) -> None:
    read = []
    file = tmp_path / "edited.py"
    file.write_text("def made():\n    return 1\n")
    space: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), space)
    read.append(inspect.getsource(space["made"]))
    file.write_text("def made():\n    return 1 + 1\n")
    linecache.checkcache(str(file))
    read.append(inspect.getsource(space["made"]))
    assert read == ["def made():\n    return 1\n"] * 2
