"""`shapetrace run`: a script under watch, run as `python` would run it."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TextIO

import click

from shapetrace.cli import children, options
from shapetrace.cli.on_import import OnImport
from shapetrace.cli.program import CannotRunError, Program, exit_code
from shapetrace.errors import PaddleMissingError, ReportError, ShapetraceError, UsageError
from shapetrace.trace import SEVERITIES, Trace
from shapetrace.verify.exports import Exports

FOUND = 3
"""Exit code where a finding is at or above `--fail-on`."""


@click.command(
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS]",
    short_help="Run a script under watch.",
)
@click.option("--heal", is_flag=True, help="Hand unknown dims to ops as tensors.")
@click.option("--remedy", "remedies", metavar="NAME", multiple=True, help="Apply a remedy; `auto`: those that fit.")
@click.option(
    "--verify/--no-verify",
    "verify",
    default=True,
    help="With a remedy: compare the export with the model.  [default: on]",
)
@click.option("--dim", "dims", metavar="INPUT=B,3,H,W", multiple=True, help="What you claim of the axes of an input.")
@click.option("--check-shapes", is_flag=True, help="Check the symbolic shapes that Paddle tells, in a second way.")
@click.option("--report", "reports", metavar="PATH", multiple=True, help="Write a report; the ending is its format.")
@click.option("--trace", "trace_path", metavar="PATH", help="Write the trace, for `shapetrace report` and others.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 3 on a finding as grave as this, or graver.")
@options.all_findings
@options.lang
@options.color
@click.option("--subprocesses", is_flag=True, help="Watch the Python processes that the script starts, too.")
@click.option("-m", "module", is_flag=True, help="SCRIPT is the name of a module.")
@click.argument("script")
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def command(
    *,
    script: str,
    arguments: tuple[str, ...],
    module: bool,
    heal: bool,
    remedies: tuple[str, ...],
    verify: bool,
    dims: tuple[str, ...],
    check_shapes: bool,
    reports: tuple[str, ...],
    trace_path: str | None,
    fail_on: str | None,
    subprocesses: bool,
    everything: bool,
    lang: str | None,
    color: bool | None,
) -> int:
    """Run SCRIPT as `python` would, and explain the shapes that went wrong in its conversions.

    Options come before SCRIPT; whatever follows it is the script's. The diagnosis goes to stderr, and the exit code is
    the script's own, or 3 by --fail-on, or where a repaired export does not give what its model gives.
    """
    program = Program(script, arguments, module=module)
    named = options.dims(dims)
    for path in (*reports, *((trace_path,) if trace_path else ())):
        _check_writable(path)
    _check_formats(reports)
    stderr, process = sys.stderr, os.getpid()

    program.prepare()
    asked = {"heal": heal, "remedies": remedies, "dims": named, "collect": True, "check_shapes": check_shapes}
    watching = _Watching(**asked)
    watching.verifies = verify and bool(heal or remedies)
    started: list[tuple[int, Trace]] = []
    with children.watched(asked) if subprocesses else nullcontext() as directory:
        error = watching.run(program)
        if directory is not None and os.getpid() == process:
            started = children.traces(directory)
    if os.getpid() != process:  # a fork of the script's ends here too, and the report is its parent's
        return exit_code(error)
    trace = watching.trace
    _take_back_notes(error, trace)
    code = exit_code(error)
    if watching.refused is not None:
        raise watching.refused

    if code == 0 and trace.remedies:
        with _harmless(stderr, "an export could not be verified"):
            trace.verified = watching.exports.verified(trace, named)
    for number, each in ((None, trace), *started):
        if number is not None:
            with suppress(OSError):
                print(f"\nshapetrace: the process {number}, which the script started:", file=stderr)
        if trace_path:
            _save(each, _numbered(trace_path, number))
        with _harmless(stderr, "a report could not be made"):
            from shapetrace.reports import text

            text.show(each, stderr, all=everything, command=_repeat(program), color=color)
        for path in reports:
            with _harmless(stderr, "a report could not be made"):
                from shapetrace.reports import write

                write(each, _numbered(path, number), lang=lang, command=_repeat(program))
    wrong = any(verified.ok is False for verified in trace.verified)
    grave = any(_reaches(each, fail_on) for each in (trace, *(each for _, each in started)))
    return FOUND if code >= 0 and (wrong or grave) else code


def _numbered(path: str, number: int | None) -> str:
    """The path for the trace of another process: `out.1234.html`."""
    if number is None:
        return path
    folder, name = os.path.split(path)
    stem, dot, ending = name.partition(".")
    return os.path.join(folder, f"{stem}.{number}{dot}{ending}")


@contextmanager
def _harmless(stderr: TextIO, what: str) -> Iterator[None]:
    """Say it when something fails by a fault of ours or of a plugin's: the exit code stays the script's."""
    try:
        yield
        return
    except ReportError as fault:
        said = " ".join(str(fault).split())
    except ShapetraceError:
        raise
    except Exception as fault:
        said = f"{what}, by a fault of shapetrace's own: {fault!r}"
    with suppress(OSError):  # what failed may be stderr itself: its disk is full, or nobody reads it
        print(f"shapetrace: {said}", file=stderr)


class _Watching:
    """A watch that opens when the script has imported Paddle, and closes when the script has ended."""

    def __init__(self, **asked: Any) -> None:
        self.trace = Trace()
        self.refused: ShapetraceError | None = None
        self.verifies = False
        self.exports = Exports()
        self._asked = asked
        self._watch: Any = None

    def run(self, program: Program) -> BaseException | None:
        """Run `program` under watch, and return what it raised.

        Raises:
            PaddleMissingError: There is nothing to watch.
        """
        if "paddle" not in sys.modules and importlib.util.find_spec("paddle") is None:
            raise PaddleMissingError("Paddle is not installed: install shapetrace[cpu] or shapetrace[gpu]")
        hook = OnImport("paddle", self._open)
        error: BaseException | None = None
        try:
            hook.install()
            program.run()
        except _Refused:
            pass  # `refused` says why
        except CannotRunError as refused:
            self.refused = refused
        except BaseException as raised:
            error = raised
        finally:
            hook.remove()
        self._close(error)
        return error

    def _open(self) -> None:
        import shapetrace

        watch = shapetrace.watch(**self._asked)
        try:
            self.trace = watch.__enter__()
        except ShapetraceError as refused:
            self.refused = refused
            raise _Refused from None
        self._watch = watch
        if self.verifies:
            self.exports.install()

    def _close(self, error: BaseException | None) -> None:
        if self._watch is None:
            return
        self.exports.remove()
        if isinstance(error, SystemExit) and not error.code:
            error = None  # it ended well
        try:
            self._watch.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
        except ShapetraceError as refused:
            self.refused = refused


class _Refused(BaseException):
    """Ends the script where it imports Paddle; no `except Exception` of the script's catches it."""


def _check_writable(path: str) -> None:
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise UsageError(f"cannot write {path}: there is no directory {folder}")
    if os.path.isdir(path):
        raise UsageError(f"cannot write {path}: it is a directory")


def _check_formats(paths: tuple[str, ...]) -> None:
    if paths:
        from shapetrace.reports import format_of

        for path in paths:
            format_of(path)


def _save(trace: Trace, path: str) -> None:
    try:
        trace.save(path)
    except OSError as error:
        raise UsageError(f"cannot write the trace {path}: {error.strerror}") from None


def _take_back_notes(error: BaseException | None, trace: Trace) -> None:
    """Drop the diagnosis from the traceback: the report that follows says all of it."""
    notes = getattr(error, "__notes__", None)
    if notes and trace.findings:
        from shapetrace.reports.text import finding_note

        ours = {finding_note(trace, finding) for finding in trace.findings}
        notes[:] = [note for note in notes if note not in ours]


def _repeat(program: Program) -> str:
    """What to type after `shapetrace run` to run the program again."""
    return shlex.join([*(["-m"] if program.module else []), program.target, *program.arguments])


def _reaches(trace: Trace, level: str | None) -> bool:
    if level is None:
        return False
    grave = SEVERITIES[: SEVERITIES.index(level) + 1]
    return any(finding.severity in grave for finding in trace.findings)
