"""Several threads inside one watch, and several watches in one process."""

from __future__ import annotations

import itertools
import sys
import threading
import types
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import shapetrace
from shapetrace import discovery
from shapetrace.errors import NestedWatchError, RemedyError, UsageError
from shapetrace.patching import Transaction
from shapetrace.remedies import Probe, Remedy, applying

from .cases import Cases, raising
from .interrupts import SHIPPED
from .models import attend, convert, merge, refusal

LONG = 600.0
"""Seconds to wait for another thread: far more than it takes."""


class Threads:
    """Runs functions, each in a thread of its own, and raises what any of them raised."""

    def __init__(self, *works: Callable[[], object]) -> None:
        self.errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(work,), daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            self.errors.append(error)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(LONG)
            assert not thread.is_alive(), "a thread hangs"
        if self.errors:
            raise self.errors[0]


class Turns:
    """Two threads that convert, taking turns: Paddle itself cannot do it at once. They live until they are told."""

    def __init__(self, core: Callable[..., Any]) -> None:
        self.core = core
        self.lock, self.told = threading.Lock(), threading.Event()
        self.ops: list[int] = []
        self.tracers: list[Any] = []
        self.converted = threading.Barrier(3)
        self.threads = Threads(self._work, self._work)

    def _work(self) -> None:
        for _ in range(2):
            with self.lock:
                self.ops.append(convert(self.core))
        self.converted.wait(LONG)
        assert self.told.wait(LONG)
        self.tracers.append(sys.gettrace())

    def end(self) -> None:
        self.told.set()
        self.threads.join()


def threads_in_a_watch() -> dict[str, Any]:
    """Two threads convert while one watch is open."""
    cases = Cases()
    for name, core in SHIPPED.items():
        with shapetrace.watch(remedies=name):
            ops = convert(core)
        with cases.case(name):
            with shapetrace.watch(remedies=name) as trace:
                turns = Turns(core)
                turns.converted.wait(LONG)
            turns.end()
            assert turns.ops == [ops] * 4
            assert len(trace.conversions) == 4 and trace.notes == []
            applied = [applied.name for applied in trace.remedies]
            assert len(set(applied)) == len(applied) and (name in applied or name == "auto"), applied
            assert turns.tracers == [None, None]
        with cases.case(f"{name}: unwatched"):
            assert "shape[0] = -" in refusal(core)
    return cases.result()


class Late:
    """A model that goes on, with a dim in hand, when it is told to."""

    def __init__(self) -> None:
        self.begun, self.told = threading.Event(), threading.Event()

    def __call__(self, x: Any) -> Any:
        batch = x.shape[0]
        self.begun.set()
        assert self.told.wait(LONG)
        return x.reshape([batch * 8, -1])


def closing_over_a_conversion() -> dict[str, Any]:
    """The watch closes while another thread is in the middle of a conversion, which goes on as without a watch."""
    cases = Cases()

    def halfway(remedy: str | None) -> tuple[list[str], str]:
        """What is changed while the other thread is in the middle, and what it says in the end."""
        late, said = Late(), []
        with shapetrace.watch(remedies=remedy) if remedy else nullcontext():
            threads = Threads(lambda: said.append(refusal(lambda x: late(x))))
            assert late.begun.wait(LONG)
        changed = cases.changed()
        late.told.set()
        threads.join()
        return changed, said[0]

    plain = halfway(None)  # the state of Paddle's own that any conversion changes and puts back
    assert "paddle.base.framework._dygraph_tracer_" in plain[0] and "shape[0] = -8" in plain[1]
    for name in SHIPPED:
        with cases.case(name):
            rewritten = name in ("callables", "auto")  # by then, so that there is nothing left to refuse
            assert halfway(name) == (plain[0], "" if rewritten else plain[1])
    return cases.result()


class Counting(Remedy):
    """Counts how often it is applied, and converts something meanwhile."""

    name = "counting"
    summary = "counts"

    def __init__(self, during: Callable[[], object]) -> None:
        self.during = during
        self.target = types.SimpleNamespace(times=0)

    def probe(self) -> Probe:
        self.during()
        return Probe("present")

    def apply(self, transaction: Transaction) -> None:
        transaction.set(self.target, "times", self.target.times + 1)


def given(remedy: Remedy) -> None:
    """Have it be the only remedy that is installed, in this process of its own."""
    discovery.all_remedies = lambda: [remedy]


def settling_at_once() -> dict[str, Any]:
    """Two conversions begin at the same moment, or one inside a probe: a remedy is applied once."""
    cases = Cases()
    together = threading.Barrier(2)
    slow = Counting(lambda: threading.Event().wait(0.05))
    given(slow)
    with cases.case("two threads"):
        transaction = Transaction()
        application = applying.apply("auto", transaction)

        def work() -> None:
            together.wait(LONG)
            application.settle()
            assert slow.target.times == 1

        Threads(work, work).join()
        assert [applied.name for applied in application.applied] == ["counting"]
        transaction.undo()
        assert slow.target.times == 0
    nested = Counting(convert)
    given(nested)
    with cases.case("a probe that converts"):
        with shapetrace.watch(remedies="auto") as trace:
            convert()
            assert nested.target.times == 1
        assert trace.notes == []
        assert nested.target.times == 0
    return cases.result()


def one_after_the_other() -> dict[str, Any]:
    """A watch does not hear of the ones before it, however they ended."""
    cases = Cases()
    for first, second in itertools.pairwise([*SHIPPED, *SHIPPED]):
        with cases.case(f"{first}, then {second}"):
            for name in (first, second):
                with shapetrace.watch(remedies=name) as trace:
                    convert(SHIPPED[name])
                assert cases.changed() == []
                assert len(trace.conversions) == 1 and trace.notes == []
    with cases.case("one object twice"):
        watch = shapetrace.watch(remedies="rtdetrv2")
        for _ in range(2):
            with watch as trace:
                convert(attend)
            assert len(trace.conversions) == 1 and [applied.name for applied in trace.remedies] == ["rtdetrv2"]
    with cases.case("a watch inside a watch"):
        outer = shapetrace.watch(remedies="callables")
        with outer as trace:
            for inner in (outer, shapetrace.watch(remedies="symbolic-dims")):
                with raising(NestedWatchError, "already open"), inner:
                    raise AssertionError("the watch has opened")
            convert(merge)
        assert len(trace.conversions) == 1
    with cases.case("after a remedy that there is not"):
        with raising(RemedyError, "no remedy 'callable'"), shapetrace.watch(remedies=["rtdetrv2", "callable"]):
            raise AssertionError("the watch has opened")
        with shapetrace.watch(remedies="callables"):
            convert(merge)
    with cases.case("after a report that cannot be written"):
        with raising(UsageError, "cannot write"), shapetrace.watch(remedies="callables", report="/nowhere/at/all.txt"):
            convert(merge)
        with raising(ZeroDivisionError), shapetrace.watch(report="/nowhere/at/all.txt"):
            raise ZeroDivisionError
        with shapetrace.watch(remedies="callables"):
            convert(merge)
    with cases.case("after a logger that fails"):
        log = types.SimpleNamespace(info=fail, warning=fail)
        with raising(ZeroDivisionError), shapetrace.watch(remedies="callables", log=log):
            raise AssertionError("the watch has opened")
    return cases.result()


def fail(*arguments: Any, **keywords: Any) -> None:
    raise ZeroDivisionError
