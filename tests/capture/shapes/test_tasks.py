"""What works out symbolic shapes may hang, die or take all memory: the export does not wait, and the trace says what is missing."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from shapetrace.capture.recorded import Recorded
from shapetrace.capture.shapes import tasks
from shapetrace.capture.shapes.tasks import ShapeTasks, patience
from shapetrace.trace import Conversion, Symbol, Value

LONG = 60.0


def conversion(name: str = "forward") -> Conversion:
    return Conversion(name, values=[Value(0, "float32", (-1, 4))])


def tells(program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str) -> list[str]:
    conversion.expressions += ["S0", "4"]
    conversion.symbols.append(Symbol("S0", "x[0]", "x", 0))
    conversion.values[0].dims = (0, 1)
    return [f"had {cpu:g} s"]


def hangs(*args: Any) -> list[str]:
    time.sleep(LONG)
    return []


def dies(*args: Any) -> list[str]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return []


def dies_the_first_time(program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str) -> list[str]:
    if not ended:
        return dies()
    tells(program, conversion, recorded, cpu, ended)
    return [f"before, {ended}"]


def spins(*args: Any) -> list[str]:
    while True:
        pass


def takes_all_memory(*args: Any) -> list[str]:
    return [str(len(bytearray(3 << 30)))]


def fails(*args: Any) -> list[str]:
    raise RuntimeError("the pass is broken")


def opened(clock: Callable[[], float] = time.monotonic) -> tuple[ShapeTasks, list[str]]:
    notes: list[str] = []
    return ShapeTasks(contextlib.nullcontext, notes.append, clock), notes


def test_what_is_told_is_entered() -> None:
    shapes, notes = opened()
    told = conversion()
    shapes.begin(None, told, Recorded(), tells, built=20.0)
    shapes.close(LONG)
    assert [tensor.symbolic for tensor in told.tensors] == [("x[0]", "4")]
    assert told.symbolic_error == ""
    assert notes == ["had 7 s"], "a share of what building took"


@pytest.mark.parametrize(
    ("infer", "said"),
    [
        (dies, "it died, or used up what it may"),
        (spins, "it died, or used up what it may"),
        (takes_all_memory, "MemoryError"),
        (fails, "RuntimeError: the pass is broken"),
    ],
)
def test_whatever_happens_there_leaves_the_record_as_it_was(
    infer: tasks.Infer, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "LEAST_CPU", 0.2)
    shapes, _ = opened()
    told = conversion()
    shapes.begin(None, told, Recorded(), infer, built=0.0)
    shapes.close(LONG)
    assert said in told.symbolic_error
    assert (told.values, told.expressions, told.symbols) == (conversion().values, [], [])


def test_the_process_after_one_that_died_is_told_of_it() -> None:
    shapes, notes = opened()
    told = conversion()
    shapes.begin(None, told, Recorded(), dies_the_first_time, built=20.0)
    shapes.close(LONG)
    assert [tensor.symbolic for tensor in told.tensors] == [("x[0]", "4")]
    assert notes == ["before, it died, or used up what it may"]


def test_closing_waits_so_long_in_all_and_says_what_was_cut_short() -> None:
    ticks = itertools.count()
    shapes, notes = opened(lambda: 0.01 * next(ticks))
    asked = [conversion(f"forward_{number}") for number in range(12)]
    for each in asked:
        shapes.begin(None, each, Recorded(), hangs, built=0.0)
    shapes.close(0.05)
    assert next(ticks) < 40, "the clock was asked a few times while it told of the wait"
    errors = [each.symbolic_error for each in asked]
    assert all("cut short" in error for error in errors[: tasks.AT_ONCE])
    assert errors[-1] == "the watch was closed before the symbolic shapes were asked for"
    assert [str(note).partition(" have no name")[0] for note in notes[:2]] == [
        "some dims of forward_0",
        "some dims of forward_1",
    ]


def test_all_get_their_turn_where_there_is_time() -> None:
    shapes, _ = opened()
    asked = [conversion() for _ in range(7)]
    for each in asked:
        shapes.begin(None, each, Recorded(), tells, built=0.0)
    shapes.close(LONG)
    assert all(each.symbols for each in asked)


def test_nobody_waits_for_what_is_asked_while_the_export_goes_on() -> None:
    ticks = itertools.count()
    shapes, _ = opened(lambda: float(next(ticks)))
    shapes.begin(None, conversion(), Recorded(), hangs, built=0.0)
    assert next(ticks) == 0, "no clock was asked, so nothing was waited for"
    shapes.close(0.0)


def test_a_second_or_a_tenth_of_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHAPETRACE_PATIENCE", raising=False)
    assert (patience(0.0), patience(9.0), patience(50.0)) == (1.0, 1.0, 5.0)
    monkeypatch.setenv("SHAPETRACE_PATIENCE", "30")
    assert patience(50.0) == 30.0
    monkeypatch.setenv("SHAPETRACE_PATIENCE", "for ever")
    assert patience(0.0) == 1.0
