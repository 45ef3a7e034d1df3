"""Ctrl-C in a conversion and at every line of a watch, and a failure at every change that a remedy makes."""

from __future__ import annotations

import dis
import functools
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import shapetrace
import shapetrace_callables
import shapetrace_rtdetrv2
from shapetrace.capture.tape import Tape
from shapetrace.errors import RemedyError
from shapetrace.patching import Transaction
from shapetrace.remedies import applying

from .cases import Cases, raising
from .models import attend, convert, merge, refusal

SHIPPED = {"rtdetrv2": attend, "callables": merge, "symbolic-dims": merge, "auto": attend}
"""The remedies that ship with us, and what each one repairs."""


def warm_up() -> None:
    """Have everything imported and cached that Paddle and we do at first, and see the remedies repair what they should."""
    for name, core in SHIPPED.items():
        assert "shape[0] = -" in refusal(core)
        with shapetrace.watch(remedies=name):
            convert(core)
    with raising(KeyboardInterrupt), shapetrace.watch(remedies="callables"):  # a loop, of which 2.6 warns once
        convert(press_with_a_dim_in_hand)


# --- in a conversion


@contextmanager
def replaced(owner: Any, name: str, value: Callable[..., Any]) -> Iterator[None]:
    original = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def press(*arguments: Any, **keywords: Any) -> Any:
    raise KeyboardInterrupt


def press_with_a_dim_in_hand(x: Any) -> Any:
    for _ in range(x.shape[0] + 2):  # traced, since a dim is about
        batch = x.shape[0]
        x = x.reshape([batch, 2, 2])
        raise KeyboardInterrupt
    return x


def in_conversions() -> dict[str, Any]:
    """Ctrl-C arrives from a conversion, and the same conversion is repaired in the next watch."""
    cases = Cases()

    def interrupted(name: str, core: Callable[..., Any]) -> None:
        with raising(KeyboardInterrupt), shapetrace.watch(remedies=name):
            convert(core)

    for name, core in SHIPPED.items():
        with cases.case(f"{name}: in the model"):
            interrupted(name, press)
        with cases.case(f"{name}: in the model, which holds a dim"):
            interrupted(name, press_with_a_dim_in_hand)
        with cases.case(f"{name}: where a dim is read"), replaced(Tape, "read", press):
            interrupted(name, core)
        twice = cases.case(f"{name}: in the second of two conversions")
        with twice, raising(KeyboardInterrupt), shapetrace.watch(remedies=name):
            convert(core)
            convert(press)
        with cases.case(f"{name}: caught, and begun again"):
            with shapetrace.watch(remedies=name) as trace:
                with raising(KeyboardInterrupt):
                    convert(press)
                convert(core)
            assert trace.notes == []
        with cases.case(f"{name}: unwatched"):
            assert "shape[0] = -" in refusal(core)
    return cases.result()


# --- at every change


class Breaking:
    """A `Transaction.set` that raises before its n-th change, or right after it."""

    def __init__(self, number: int, error: BaseException, after: bool) -> None:
        self.number, self.error, self.after = number, error, after
        self.calls = 0
        self._set = Transaction.set

    def set(self, transaction: Transaction, target: Any, name: str, value: Any) -> None:
        self.calls += 1
        if self.calls == self.number and not self.after:
            raise self.error
        self._set(transaction, target, name, value)
        if self.calls == self.number:
            raise self.error

    @property
    def reached(self) -> bool:
        return self.calls >= self.number


@contextmanager
def breaking(number: int, error: BaseException, *, after: bool) -> Iterator[Breaking]:
    broken = Breaking(number, error, after)
    with replaced(Transaction, "set", lambda *arguments: broken.set(*arguments)):
        yield broken


FAULTS = ((RuntimeError("no"), False), (KeyboardInterrupt("no"), True))
"""What is raised, and whether after the change."""


def every_change() -> dict[str, Any]:
    """A remedy fails at each change it makes: that remedy is taken back at once, and told of."""
    cases = Cases()
    for name in ("rtdetrv2", "callables", "symbolic-dims"):
        for error, after in FAULTS:
            number, reached = 0, True
            while reached:
                number += 1
                transaction = Transaction()
                with cases.case(f"{name}: {error!r} at {number}"), breaking(number, error, after=after) as broken:
                    try:
                        applying.apply(name, transaction)
                        assert not broken.reached, "nothing was raised"
                        transaction.undo()
                    except RemedyError as told:
                        own = (
                            "no remedy can be applied on this Paddle: RuntimeError: no"  # what comes before conversions
                        )
                        assert str(told) in (f"the remedy {name} failed and was taken back: RuntimeError: no", own)
                    except KeyboardInterrupt as arrived:
                        assert arrived is error
                reached = broken.reached
    for error, after in FAULTS:
        for number in (*range(2, 7), 10, 20, 40, 60):  # the first one puts `settle` before conversions
            transaction = Transaction()
            with cases.case(f"auto: {error!r} at {number}"), breaking(number + 1, error, after=after) as broken:
                application = applying.apply("auto", transaction)
                try:
                    application.settle()
                    assert len(application.notes) == 1 and "was taken back: RuntimeError: no" in str(
                        application.notes[0]
                    )
                except KeyboardInterrupt as arrived:
                    assert arrived is error
                assert broken.reached
                transaction.undo()
    return cases.result()


LATER = range(10, 100, 9)
"""Some of the changes of a watch, to the last ones."""


def every_change_of_a_watch() -> dict[str, Any]:
    """The same for the probes of the watch itself, at some of the many changes they make."""
    cases = Cases()
    for number in (*range(1, 4), *LATER):
        with cases.case(f"Ctrl-C at {number}"), breaking(number, KeyboardInterrupt(), after=True) as broken:
            with raising(KeyboardInterrupt), shapetrace.watch(remedies="symbolic-dims"):
                raise AssertionError("the watch has opened")
            assert broken.reached
    for number in (1, 2, LATER[5]):
        with cases.case(f"a failure at {number}"), breaking(number, RuntimeError("no"), after=True) as broken:
            with shapetrace.watch(remedies="auto") as trace:
                convert(attend)
            assert broken.reached
            assert len(trace.notes) == 1 and "RuntimeError: no" in trace.notes[0], trace.notes
    return cases.result()


# --- at every line

PACKAGE = Path(shapetrace.__file__).parent
OURS = tuple(
    str(path)
    for path in (
        PACKAGE / "watch.py",
        PACKAGE / "patching.py",
        PACKAGE / "remedies",
        *(PACKAGE / "capture" / kind / f"{name}.py" for kind in ("pir", "legacy") for name in ("backend", "probes")),
        PACKAGE / "capture" / "backend.py",
        *(
            PACKAGE / "capture" / "probes" / f"{name}.py"
            for name in ("install", "during", "shapes", "conversions", "rewriting")
        ),
        Path(shapetrace_callables.__file__).parent,
        Path(shapetrace_rtdetrv2.__file__).parent,
    )
)
Line = tuple[CodeType, int]
ALL = "SHAPETRACE_EVERY_LINE"
"""A variable of the environment; without it not all lines are tried, which takes ten minutes, but each of SOME."""
SOME = 31


@functools.cache
def leaving_a_with(code: CodeType) -> set[int]:
    """Where the end of a `with` block is about to call `__exit__`. Python lets no interrupt in there; a tracer could."""
    steps = [step for step in dis.get_instructions(code) if step.opname not in ("NOP", "POP_BLOCK", "CACHE")]
    starts: set[int] = set()
    for before, step, after in zip(steps, steps[1:], steps[2:], strict=False):
        none, another = (each.opname == "LOAD_CONST" and each.argval is None for each in (step, after))
        if none and (another or after.opname == "DUP_TOP"):
            starts.update(range(before.offset + 1, step.offset + 1))
    return starts


class Lines:
    """Counts the lines of our own code that run, and presses Ctrl-C at one of them."""

    def __init__(self, line: Line | None = None, time: int = 0) -> None:
        self.line, self.time = line, time
        self.counts: Counter[Line] = Counter()
        self.firsts: set[Line] = set()

    def called(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is not self.line[0] if self.line else not frame.f_code.co_filename.startswith(OURS):
            return None
        first = True

        def step(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal first
            if event == "line" and frame.f_lasti not in leaving_a_with(frame.f_code):
                line = (frame.f_code, frame.f_lineno)
                self.counts[line] += 1
                if first:
                    self.firsts.add(line)
                    first = False
                if line == self.line and self.counts[line] == self.time:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return step

        return step

    def run(self, scenario: Callable[[], None]) -> None:
        sys.settrace(self.called)
        try:
            scenario()
        finally:
            sys.settrace(None)


def watching() -> None:
    with shapetrace.watch(remedies=["rtdetrv2", "callables", "symbolic-dims"]):
        pass


def settling() -> None:
    transaction = Transaction()
    try:
        with transaction:
            application = applying.apply("auto", transaction)
            application.settle()
            application.close()
        transaction.undo()
    finally:
        transaction.undo()


def by_hand() -> None:
    try:
        shapetrace_rtdetrv2.apply()
        shapetrace_rtdetrv2.undo()
    finally:
        shapetrace_rtdetrv2.undo()


def every_line_of_a_watch() -> dict[str, Any]:
    """Ctrl-C at the lines that open and close a watch with remedies."""
    return _every_line(watching)


def every_line_of_settling() -> dict[str, Any]:
    """Ctrl-C at the lines that probe and apply remedies when a conversion begins."""
    return _every_line(settling)


def every_line_by_hand() -> dict[str, Any]:
    """Ctrl-C at the lines that apply a remedy without a watch."""
    return _every_line(by_hand)


def _every_line(scenario: Callable[[], None]) -> dict[str, Any]:
    cases = Cases()
    seen, again = Lines(), Lines()
    seen.run(scenario)
    again.run(scenario)
    seen.counts &= again.counts  # what Paddle caches by weak references is gone through once more or less
    # Python runs nothing of ours before the first line of `__exit__`: an interrupt there cannot be helped.
    lines = [
        line for line in seen.counts if line not in seen.firsts or line[0] is not shapetrace.watch.__exit__.__code__
    ]
    moments = [(line, 1) for line in lines]
    moments += [(line, seen.counts[line]) for line in lines if seen.counts[line] > 1]
    for line, time in moments if ALL in os.environ else moments[::SOME]:
        where = f"{Path(line[0].co_filename).name}:{line[1]}"
        with cases.case(f"{where}, {time} of {seen.counts[line]}"), raising(KeyboardInterrupt):
            Lines(line, time).run(scenario)
    return cases.result()
