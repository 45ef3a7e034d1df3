"""Applies remedies in one transaction: what can be repaired now, now; the rest when a conversion begins.

A script that `shapetrace run` starts imports its models after the watch has opened. Rather than watching imports, a
remedy that waits for a module gets its chance right before each conversion: the model has been built by then, so
whatever it needs is imported, and no import machinery is touched.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from shapetrace import discovery, probing
from shapetrace.capture.probes import conversions
from shapetrace.errors import RemedyError, in_words
from shapetrace.patching import Transaction
from shapetrace.plugin import Probe, Remedy
from shapetrace.said import Sentence, joined, of_error, said
from shapetrace.trace import Applied

AUTO = "auto"
"""Stands for the remedies whose bug is found present."""


class Application:
    """The remedies of one watch: which were applied, which wait, what they changed."""

    def __init__(self, transaction: Transaction, around: Callable[[], AbstractContextManager[object]]) -> None:
        self.applied: list[Applied] = []
        """What was applied, in order, with what each changed."""
        self.notes: list[Sentence] = []
        """What was not applied and why, a sentence each."""
        self.tried: tuple[str, ...] = ()
        """Names of the remedies that were asked for; with `"auto"`, of all there are."""
        self.before: Callable[[Callable[[], object]], None] = lambda build: None
        """Called when a conversion is about to be built, the remedies applied, with what builds it."""
        self._transaction = transaction
        self._around = around
        self._lock = threading.RLock()
        self._waiting: list[tuple[Remedy, bool]] = []  # the bool: only if its bug is present
        self._settling = False

    def settle(self) -> None:
        """Apply what waits and can be applied by now. Never raises for a remedy that fails: it is noted."""
        with self._lock:
            if self._settling:
                return  # a remedy that converts something while it probes
            self._settling = True
            try:
                with self._around():
                    self._settle()
            finally:
                self._settling = False

    def _settle(self) -> None:
        for waiting in list(self._waiting):
            if ready(waiting[0]):
                try:
                    self._apply(*waiting)
                except RemedyError as error:
                    self.notes.append(of_error(error))
                self._waiting.remove(waiting)  # not before: one that is interrupted waits for the next conversion

    def take_back(self) -> None:
        """Undo what was applied, and apply nothing more."""
        with self._lock:
            self._waiting = []
            self.before = lambda build: None
            self._transaction.undo()

    def close(self) -> None:
        """Note what has been waiting in vain. Undoing is the transaction's."""
        with self._lock:
            for remedy, only_if_present in self._waiting:
                if not only_if_present:
                    why = said("nothing was converted") if ready(remedy) else _missing(remedy)
                    self.notes.append(said("the remedy {} was not applied: {}", remedy.name, why))
            self._waiting = []

    def _add(self, remedy: Remedy, only_if_present: bool) -> None:
        with self._lock:
            if ready(remedy) and not only_if_present:
                with self._around():
                    self._apply(remedy, only_if_present)
            else:  # what it requires may be found only later, where the script extends `sys.path`
                self._waiting.append((remedy, only_if_present))

    def _apply(self, remedy: Remedy, only_if_present: bool) -> None:
        if only_if_present:
            outcome = probe(remedy)
            if outcome.state == "failed":
                self.notes.append(said("the remedy {} was left out: {}", remedy.name, outcome.reason))
            if not outcome.present:
                return
        failures = self._transaction.failures
        before = len(failures)
        try:
            with self._transaction.part() as part, probing.plain_dygraph():
                remedy.apply(part)
        except Exception as error:
            if left := failures[before:]:
                raise RemedyError(
                    said(
                        "the remedy {} failed ({}) and could not be taken back whole, so start a fresh process before "
                        "you go on: {}",
                        remedy.name,
                        in_words(error),
                        "; ".join(left),
                    )
                ) from error
            raise RemedyError(
                said("the remedy {} failed and was taken back: {}", remedy.name, in_words(error))
            ) from error
        self.applied.append(Applied(remedy.name, tuple(part.changes)))


def apply(
    names: str | Iterable[str],
    transaction: Transaction,
    around: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Application:
    """Apply remedies for as long as the transaction lasts.

    Args:
        names: Names of remedies in any order, or `"auto"` (alone or among them) for all those whose bug is present.
            The most specific one goes first, so that a general one does not hide from it what it repairs.
        transaction: Takes everything back when it is undone. If this function raises, what it did is taken back.
        around: Gives a context to probe and apply in, so that a watch does not take what a probe does for the user's.

    Returns:
        What was applied. `settle()` is called before each conversion by itself; call `close()` at the end.

    Raises:
        RemedyError: A name is unknown, or applying it failed.
    """
    asked = {names} if isinstance(names, str) else set(names)
    named = {discovery.get(name).name for name in sorted(asked - {AUTO})}
    application = Application(transaction, around)
    with transaction.part() as part:
        application._transaction = part
        for remedy in discovery.all_remedies():
            if remedy.name in named:
                application._add(remedy, only_if_present=False)
            elif AUTO in asked:
                application._add(remedy, only_if_present=True)
        if asked:
            application.tried = tuple(
                sorted(named) if AUTO not in asked else (remedy.name for remedy in discovery.all_remedies())
            )
            try:
                conversions.wrap(part, functools.partial(_after, application))
            except Exception as error:
                raise RemedyError(said("no remedy can be applied on this Paddle: {}", in_words(error))) from error
    if asked:
        application.notes.extend(discovery.problems())
    return application


def probe(remedy: Remedy) -> Probe:
    """Whether the remedy's bug is present here. Never raises, imports nothing of the user's, leaves no trace."""
    if not ready(remedy):
        return Probe("not-applicable", _missing(remedy))
    try:
        with probing.plain_dygraph():
            outcome = remedy.probe()
        return (
            outcome
            if isinstance(outcome, Probe)
            else Probe("failed", said("its probe returned {}, not a Probe", repr(outcome)))
        )
    except Exception as error:
        return Probe("failed", said("its probe failed: {}", in_words(error)))


def ready(remedy: Remedy) -> bool:
    """Whether everything the remedy requires has been imported, and completely."""
    modules = [sys.modules.get(name) for name in remedy.requires]
    return all(
        module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False)
        for module in modules
    )


def _missing(remedy: Remedy) -> Sentence:
    names = [name for name in remedy.requires if name not in sys.modules]
    listed = joined("{} and {}", names)
    return said("{} was never imported", listed) if len(names) == 1 else said("{} were never imported", listed)


def _after(application: Application, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def build(*args: Any, **kwargs: Any) -> Any:
        application.settle()
        application.before(functools.partial(function, *args, **kwargs))
        return function(*args, **kwargs)

    return build
