"""A stranger's remedy that raises at each of its steps: when the watch opens, when a conversion begins, and on undoing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import acme_remedy
from acme import norms

import shapetrace
from shapetrace import discovery
from shapetrace.errors import RemedyError

from .cases import Cases, raising
from .models import convert


class Unspeakable(Exception):
    """Its text cannot be had."""

    def __str__(self) -> str:
        raise ValueError("no text")


INTERRUPTS: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit)
ERRORS = (RuntimeError, Unspeakable, *INTERRUPTS)
INSIDE = tuple(f"apply {number}" for number in range(acme_remedy.CHANGES + 1))
LEFT = ["acme.norms.REGISTRY.ours"]
"""What stays changed where the callback that takes it back fails for good."""


@contextmanager
def failing(*places: str, error: type[BaseException], once: bool = False) -> Iterator[None]:
    acme_remedy.raises.update(dict.fromkeys(places, error))
    acme_remedy.once.update(places if once else ())
    try:
        yield
    finally:
        acme_remedy.raises.clear()
        acme_remedy.once.clear()


@contextmanager
def not_imported() -> Iterator[None]:
    """`acme.norms` is not imported at the beginning, and is at the end."""
    del sys.modules["acme.norms"]
    try:
        yield
    finally:
        sys.modules["acme.norms"] = norms


def warm_up() -> None:
    """The remedy is found, applied and taken back where nothing fails."""
    assert "fast-norm" in [remedy.name for remedy in discovery.all_remedies()]
    with shapetrace.watch(remedies="fast-norm") as trace:
        convert()
        assert norms.fast_norm is acme_remedy.ours
    assert trace.notes == []


def one_sentence(trace: shapetrace.Trace, *texts: str) -> None:
    """The trace has one note, and it has all of these texts."""
    assert len(trace.notes) == 1, trace.notes
    for text in texts:
        assert text in trace.notes[0], trace.notes
    assert "\n" not in trace.notes[0]


def opening() -> dict[str, Any]:
    """A remedy that was asked for by name fails while the watch opens."""
    cases, ops = Cases(), convert()
    for error in ERRORS:
        for place in INSIDE:
            with cases.case(f"{error.__name__} {place}"), failing(place, error=error):
                kind, text = (error, place) if error in INTERRUPTS else (RemedyError, "fast-norm failed and was taken")
                with raising(kind, text), shapetrace.watch(remedies="fast-norm"):
                    raise AssertionError("the watch has opened")
    with cases.case("undoing fails too"), failing("apply 5", "undo", error=RuntimeError):
        told = raising(RemedyError, "RuntimeError: at apply 5", "RuntimeError: at undo")
        with told, shapetrace.watch(remedies="fast-norm"):
            raise AssertionError("the watch has opened")
        assert cases.changed() == LEFT
        norms.REGISTRY.clear()
    with cases.case("the next watch"):
        with shapetrace.watch(remedies="fast-norm") as trace:
            assert convert() == ops
        assert [applied.name for applied in trace.remedies] == ["fast-norm"]
    return cases.result()


def settling() -> dict[str, Any]:
    """A remedy whose bug is found present fails when a conversion begins."""
    return _settling("auto", ("probe", *INSIDE))


def settling_late() -> dict[str, Any]:
    """A remedy that was asked for by name, and what it needs is imported after the watch has opened."""
    return _settling("fast-norm", INSIDE)


def _settling(names: str, places: tuple[str, ...]) -> dict[str, Any]:
    """An error is noted and the export goes on; an interrupt arrives."""
    cases, ops = Cases(), convert()

    def exported() -> shapetrace.Trace:
        with not_imported(), shapetrace.watch(remedies=names) as trace:
            sys.modules["acme.norms"] = norms
            assert convert() == ops
        return trace

    for error in ERRORS:
        for place in places:
            with cases.case(f"{error.__name__} {place}"), failing(place, error=error):
                if error in INTERRUPTS:
                    with raising(error, place):
                        exported()
                    continue
                trace = exported()
                one_sentence(trace, "the remedy fast-norm", error.__name__)
                assert "fast-norm" not in [applied.name for applied in trace.remedies]
    with cases.case("undoing fails too"), failing("apply 5", "undo", error=RuntimeError):
        one_sentence(exported(), "RuntimeError: at apply 5", "RuntimeError: at undo")
        assert cases.changed() == LEFT
        norms.REGISTRY.clear()
    with cases.case("an interrupted conversion is begun again"):
        with failing("apply 5", error=KeyboardInterrupt, once=True), shapetrace.watch(remedies="auto") as trace:
            with raising(KeyboardInterrupt):
                convert()
            assert convert() == ops
        assert {"callables", "fast-norm", "symbolic-dims"} <= {applied.name for applied in trace.remedies}
    return cases.result()


def undoing() -> dict[str, Any]:
    """What a remedy wants called on undoing raises: everything else is undone."""
    cases, ops = Cases(), convert()
    for error in ERRORS:
        with cases.case(f"{error.__name__} always"), failing("undo", error=error):
            if error in INTERRUPTS:
                with raising(error, "undo"), shapetrace.watch(remedies="fast-norm"):
                    convert()
            else:
                with shapetrace.watch(remedies="fast-norm") as trace:
                    assert convert() == ops
                one_sentence(trace, "could not be taken back", "registered itself with acme", error.__name__)
            assert cases.changed() == LEFT
            norms.REGISTRY.clear()
    for error in INTERRUPTS:
        fails = failing("undo", error=error, once=True)
        with cases.case(f"{error.__name__} once"), fails, raising(error), shapetrace.watch(remedies="fast-norm"):
            convert()
    with cases.case("what failed first arrives"), failing("undo", error=RuntimeError):
        with raising(ZeroDivisionError), shapetrace.watch(remedies="fast-norm") as trace:
            raise ZeroDivisionError
        one_sentence(trace, "RuntimeError: at undo")
        norms.REGISTRY.clear()
    with cases.case("somebody else has changed it meanwhile"):
        epsilon = norms.Norm.epsilon
        with shapetrace.watch(remedies="fast-norm") as trace:
            norms.Norm.epsilon = 2.0
        assert cases.changed() == ["acme.norms.Norm.epsilon"]
        one_sentence(trace, "acme.norms.Norm.epsilon was changed by somebody else meanwhile and stays as it is")
        norms.Norm.epsilon = epsilon
    return cases.result()
