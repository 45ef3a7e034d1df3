"""`watch()`: opens the probes, applies the remedies asked for, closes everything, and hands back the trace."""

from __future__ import annotations

import functools
import os
import platform
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import msgspec

from shapetrace import claims, collector, forking, opened
from shapetrace.black_box import BlackBox
from shapetrace.capture import identity
from shapetrace.capture.ending import Ending
from shapetrace.capture.guarding import guard
from shapetrace.claims import Dims
from shapetrace.errors import (
    NestedWatchError,
    PaddleMissingError,
    ReportError,
    ShapeLeakError,
    ShapetraceError,
    UnfitDimsError,
    in_words,
)
from shapetrace.patching import Transaction
from shapetrace.said import Sentence, joined, said
from shapetrace.trace import Conversion, Site, Trace
from shapetrace.version import __version__

if TYPE_CHECKING:
    from shapetrace.capture.session import Session
    from shapetrace.remedies import Application
    from shapetrace.repairs import Repairs

P = ParamSpec("P")
R = TypeVar("R")

SYMBOLIC_DIMS = "symbolic-dims"
"""The remedy that `heal` stands for."""

_MOST_TRIED = 3
"""Models of failed conversions that are run as they stand: a script that catches everything may fail often."""

_lock = threading.Lock()
_open: watch | None = None


class watch:
    """Watches the Paddle conversions inside a `with` block, or inside a decorated function.

    The conversion goes on as it would without: same program, same files, same exception. An exception that
    leaves the block gains the diagnosis as a note. A process that dies in the block (SIGSEGV, `os._exit`, the OOM killer) leaves no
    trace: `shapetrace run` does, for it waits in a process of its own.

    Args:
        heal: Hand unknown dims to ops as tensors.
        remedies: Names of remedies to apply for the length of the watch, or `"auto"` for those whose bug is
            found present.
        dims: What you claim of the axes of inputs, `{"image": ("B", 3, "H", "W")}`: a name is that of an unknown dim,
            and equal names are equal dims (ST501, ST502). `"B=1..8"`, `"H=32*k"` and `"H=32*k:320..640"` also say which
            sizes there are; -1 or None claims nothing.
        strict: Raise `ShapeLeakError` when the watch closes over an error-level finding.
        collect: Go on after a conversion that a leak has ended, in a forked process, so that all its leaks are
            found and not only the first. The exception is the first one all the same.
        check_shapes: Infer all shapes a second time, at several sizes, and note where they are not what Paddle's symbolic
            pass says (3.x). It takes a few times as long as the conversion.
        report: Path of a report to write on closing; its ending is the format.
        log: A structlog logger of the caller's for shapetrace's own events.

    Raises:
        NestedWatchError: Another watch is open.
        PaddleMissingError: Paddle is not installed.
        RemedyError: A remedy that was asked for by name is unknown, or failed while it was applied on opening.
        UsageError: `dims` cannot be read, or the report's ending is unknown.
        UnfitDimsError: `dims` do not fit the inputs of any conversion: a `UsageError`, raised when the watch closes and all is
            recorded and reported.
        ShapeLeakError: See `strict`.

    Example:
        >>> with shapetrace.watch() as trace:                               # doctest: +SKIP
        ...     paddle.jit.save(layer, "out/model", input_spec=[...])
        >>> trace.findings                                                  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        heal: bool = False,
        remedies: str | Iterable[str] = (),
        dims: Dims | None = None,
        strict: bool = False,
        collect: bool = False,
        check_shapes: bool = False,
        report: str | os.PathLike[str] | None = None,
        log: Any = None,
    ) -> None:
        names = (remedies,) if isinstance(remedies, str) else tuple(remedies)
        self._remedies = (*names, SYMBOLIC_DIMS) if heal and SYMBOLIC_DIMS not in names else names
        self._dims = dict(dims or {})
        self._names = claims.by_name(dims)
        self._strict = strict
        self._collect = collect
        self._check_shapes = check_shapes
        self._report = report
        self._log = log
        self.patience: float | None = None
        """Seconds that closing waits for what is known of a conversion that failed: its rest (`collect`), and how its model runs as it stands; by
        default a second, or a tenth of what building took."""
        self.patience_for_shapes = 0.0
        """Seconds that closing waits for symbolic shapes at least, for who can do nothing without them."""
        self.terminated: type[BaseException] | None = None
        """What to raise for SIGTERM during conversions; None to leave signals as they are."""
        self.deferred: Callable[[], None] = lambda: None
        """Called after each of them, when signals are as Python knows them: a handler that is C's is not there any more."""
        self.black_box: BlackBox | None = None
        """Is told what would be lost if the process died."""
        self.lenient: frozenset[str] = frozenset()
        """Names of inputs in `dims` that need not be those of a conversion."""
        self._session: Session | None = None
        self._transaction = Transaction()
        self._application: Application | None = None
        self._repairs: Repairs | None = None

    def __enter__(self) -> opened.Trace:
        global _open
        if self._report is not None:
            from shapetrace import reports

            reports.format_of(self._report)  # an unknown ending is said before the export, not after it
        try:
            with _lock:
                if _open is not None:
                    raise NestedWatchError(
                        said(
                            "a shapetrace watch is already open: close it first, or let the outer one watch this "
                            "conversion too"
                        )
                    )
                _open = self
            with collector.paused():
                return self._start()
        except NestedWatchError:
            raise
        except BaseException:
            self._release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:  # nothing before it: an interrupt there would leave everything as it is while watched
            __tracebackhide__ = True  # pytest then shows the user's `with`, and not how we came to raise
            self._close(error)
        except ShapetraceError:
            raise
        except Exception as fault:
            warnings.warn(
                f"shapetrace: the watch could not be closed whole: {in_words(fault)}", RuntimeWarning, stacklevel=2
            )
        finally:
            self._release()  # once more: an interrupt may have come before the first time

    def _close(self, error: BaseException | None) -> None:
        __tracebackhide__ = True
        session = self._session
        if session is None:
            return
        if session.witness is not None:
            session.witness.closing()
        try:
            with guard(session.fault, "a program that was built by hand could not be recorded"):
                session.by_hand.close(error)
            session.tape.closed = True
            session.left(error)
            with guard(session.fault, "the probes of a conversion could not be closed"):
                session.during.close()  # what was opened after the remedies goes before them
            if self._application is not None:
                self._application.close()
                session.trace.remedies = self._application.applied
                session.trace.remarks += self._application.notes
        finally:
            self._release()
        self._conclude(session, error)

    def _release(self) -> None:
        """Take back everything, and let another watch open. What was done already is not done again."""
        global _open
        session = self._session
        try:
            if session is not None:
                session.tape.closed = True
                with guard(session.fault, "the tracing could not be stopped"):
                    session.release()
        finally:
            try:
                self._transaction.undo()
            except Exception as fault:
                if session is not None:
                    session.fault("a patch could not be taken back", fault)
            finally:
                self._session = None
                if _open is self:
                    _open = None
        if session is not None:
            session.trace.remarks += self._transaction.left

    @property
    def ending(self) -> Ending:
        """Ends the conversion that is running."""
        return self._session.ending if self._session is not None else Ending(lambda: False)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorator form: each call of `function` is watched."""

        @functools.wraps(function)
        def watched(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._again():
                return function(*args, **kwargs)

        return watched

    def _again(self) -> watch:
        return watch(
            remedies=self._remedies,
            dims=self._dims,
            strict=self._strict,
            collect=self._collect,
            check_shapes=self._check_shapes,
            report=self._report,
            log=self._log,
        )

    def _start(self) -> opened.Trace:
        paddle = _import_paddle()
        from shapetrace.capture.probes import install
        from shapetrace.capture.session import Session

        versions = {"paddle": paddle.__version__, "python": platform.python_version()}
        trace = opened.Trace(shapetrace=__version__, **versions)
        collecting = None
        if self._collect and forking.possible():
            from shapetrace import collect

            collecting = collect.begin
        session = Session(
            trace,
            self._log,
            collect=collecting,
            check_shapes=self._check_shapes,
            name_dims=lambda conversion: _name_dims(conversion, self._dims, self._names),
            word=_worded,
        )
        if self.black_box is not None:
            from shapetrace.capture.witness import Witness

            session.witness = Witness(session, self.black_box)
        self._transaction, self._application, self._repairs, self._session = Transaction(), None, None, session
        if self._check_shapes and not identity.has_pir():
            trace.remarks.append(
                said("shapes are not checked: Paddle {} has no symbolic pass, and all are fitted", paddle.__version__)
            )
        install.install(session, session.backends, self._transaction)
        if self.terminated is not None:
            signals = session.ending.defer_signals(self.terminated, self.deferred)
            session.during.install([signals], self._transaction)
        if self._remedies:
            from shapetrace import remedies, repairs

            self._application = remedies.apply(self._remedies, self._transaction, session.paused)
            trace.tried = self._application.tried
            self._repairs = repairs.Repairs(session, self._application)
            self._application.before = self._repairs.begin
        if session.witness is not None:
            session.witness.opened()
        session.log.info("watch opened", paddle=paddle.__version__)
        return trace

    def _try_models(self, session: Session, until: float) -> bool:
        """Run the models of conversions that failed, where no finding tells of a dim, until a time of the monotonic clock; whether anything came of it."""
        from shapetrace import trial
        from shapetrace.rules import in_dygraph

        trace, told = session.trace, False
        with guard(session.fault, "the model of a failed conversion could not be tried"):
            models = [index for index in in_dygraph.unexplained(trace, trace.findings) if index in session.models]
            if time.monotonic() > until:
                return False
            tasks = {
                index: trial.begin(session.models[index], _failed_at(trace, index)) for index in models[:_MOST_TRIED]
            }
            for index, task in tasks.items():
                outcome = task and trial.outcome(task, max(0.0, until - time.monotonic()))
                failure = trace.conversions[index].failure
                if outcome is not None and failure is not None:
                    trace.conversions[index].failure = msgspec.structs.replace(failure, in_dygraph=outcome)
                    told = True
        return told

    def _conclude(self, session: Session, error: BaseException | None) -> None:
        """Make findings of what was recorded. Faults of ours never hide `error`."""
        __tracebackhide__ = True
        trace = session.trace
        with guard(session.fault, "the findings could not be made"), collector.paused():
            from shapetrace import rules, suppression
            from shapetrace.capture import record

            until = time.monotonic() + max(self.patience or 0.0, session.patience)
            record.write(session)
            rules.all_rules()  # imported while the processes that work out shapes still run
            collected = session.take_in(self.patience, self.patience_for_shapes)
            for conversion in trace.conversions:
                session.name_dims(conversion)
            trace.findings = rules.check(trace, collected)
            if self._try_models(session, until):
                trace.findings = rules.check(trace, collected)
            if self._repairs is not None:
                self._repairs.tell(trace)
            record.quote(trace)
            record.keep_files(trace)
            suppression.by_comments(trace)
            if error is not None:
                _add_note(error, trace)
        session.log.info("watch closed", conversions=len(trace.conversions), findings=len(trace.findings))
        unfit = _unfit_dims(trace, {name: axes for name, axes in self._dims.items() if name not in self.lenient})
        if error is not None:  # it goes on, so this is said in the report
            trace.remarks[:0] = unfit
        if self._report is not None:
            from shapetrace import reports

            try:
                reports.write(trace, self._report)
            except Exception as fault:
                if error is None and not isinstance(fault, ReportError):
                    raise
                warnings.warn(f"shapetrace: {fault}", RuntimeWarning, stacklevel=4)
        if unfit and error is None:
            raise UnfitDimsError(joined("{}; {}", unfit))
        if self._strict and error is None and any(finding.severity == "error" for finding in trace.findings):
            raise ShapeLeakError(str(trace))


def _worded(sentence: Sentence) -> str:
    """A sentence in the language that is spoken."""
    from shapetrace.reports.translations import current

    return current().say(sentence)


def _failed_at(trace: Trace, conversion: int) -> Site | None:
    """The user's line at which a conversion failed."""
    failure = trace.conversions[conversion].failure
    return trace.sites[failure.stack[-1]] if failure is not None and failure.stack else None


def watched(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: watch every conversion inside `function`, with the defaults of `watch`."""
    return watch()(function)


def _import_paddle() -> Any:
    try:
        import paddle
    except ImportError as error:
        raise PaddleMissingError(
            said("Paddle cannot be imported ({}): install shapetrace[cpu] or shapetrace[gpu]", error)
        ) from None
    if not identity.has_pir() and not paddle.__version__.startswith("2.6"):
        raise PaddleMissingError(
            said("this shapetrace watches Paddle 2.6 and 3.0 and later, and {} is installed", paddle.__version__)
        )
    return paddle


def _unfit_dims(trace: Trace, dims: Dims) -> list[Sentence]:
    """What is claimed of inputs that no conversion has, a sentence each."""
    ranks_of: dict[str, set[int]] = {}
    for conversion in trace.conversions:
        for spec in conversion.inputs:
            ranks_of.setdefault(spec.name, set()).add(len(spec.shape))
    unfit: list[Sentence] = []
    for name, entries in dims.items() if ranks_of else ():
        if name not in ranks_of:
            inputs = ", ".join(sorted(ranks_of))
            unfit.append(said("dims name the input {}, but the conversion has {}", repr(name), inputs))
        elif len(entries) not in ranks_of[name]:
            ranks = joined("{} or {}", list(map(str, sorted(ranks_of[name]))))
            unfit.append(said("dims name {} axes of the input {}, which has {}", len(entries), repr(name), ranks))
    return unfit


def _name_dims(conversion: Conversion, dims: Dims, names: Mapping[str, claims.Claim]) -> None:
    """Give the symbols of input axes the names the user has for them, and keep with the inputs what is claimed."""
    axis_names: dict[tuple[str, int], str] = {}
    for position, spec in enumerate(conversion.inputs):
        entries = dims.get(spec.name, ())
        if len(entries) != len(spec.shape):
            continue
        said = [claims.read(entry) for entry in entries]
        conversion.inputs[position] = msgspec.structs.replace(
            spec, claims=tuple(str(names.get(claim.name, claim)) for claim in said)
        )
        axis_names |= {(spec.name, axis): claim.name for axis, claim in enumerate(said) if claim.name}
    for position, symbol in enumerate(conversion.symbols):
        name = axis_names.get((symbol.input or "", -1 if symbol.axis is None else symbol.axis))
        if name is not None:
            conversion.symbols[position] = msgspec.structs.replace(symbol, name=name)
    vars(conversion).pop("names", None)  # a cached property of the old ones


def _add_note(error: BaseException, trace: Trace) -> None:
    from shapetrace.reports import text

    if not trace.findings:
        return
    note = text.finding_note(trace, trace.findings[0])
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        error.__notes__ = [*getattr(error, "__notes__", ()), note]
