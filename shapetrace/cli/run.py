"""`shapetrace run`: a script under watch, run as `python` would run it."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from shapetrace import collect, opened
from shapetrace.capture.ending import Ending
from shapetrace.cli import children, ending, options, progress
from shapetrace.cli.on_import import OnImport
from shapetrace.cli.outputs import Outputs, harmless, say
from shapetrace.cli.program import CannotRunError, Program, exit_code
from shapetrace.errors import PaddleMissingError, ShapetraceError, UnfitDimsError
from shapetrace.trace import SEVERITIES, Trace
from shapetrace.verify.exports import Exports

if TYPE_CHECKING:
    from shapetrace.cli.with_fixes import WithFixes

_TYPED = "shapetrace.typed"
FOUND = 3
"""Exit code where a finding is at or above `--fail-on`."""

_EXAMPLES = """\b
Examples:
  shapetrace run export.py --out model
  shapetrace run --report report.html --trace export.trace export.py
  shapetrace run --remedy auto -m mypackage.export
"""
_NOTHING = (
    "nothing was converted in this run: conversions are paddle.jit.save, paddle.onnx.export, and to_static with an "
    "input_spec and full_graph=True, or once it is called"
)


class _Typed(click.Command):
    """Keeps the options as they were typed, for the command that a report suggests."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_TYPED] = tuple(args)
        return super().parse_args(ctx, args)


@click.command(
    cls=_Typed,
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS]",
    short_help="Run a script under watch.",
    epilog=_EXAMPLES,
)
@click.option("--heal", is_flag=True, help="Repair: hand unknown dims to ops as tensors (the remedy symbolic-dims).")
@click.option(
    "--remedy",
    "remedies",
    metavar="NAME",
    multiple=True,
    help="Repair: apply a remedy while the script runs. rtdetrv2, callables, symbolic-dims, or auto for those whose bug "
    "is present here; `shapetrace remedies` lists all.",
)
@click.option(
    "--verify/--no-verify",
    "verify",
    default=True,
    help="With a remedy: once the script has ended, compare its exports with their models (the default), or do not.",
)
@click.option("--with-fixes", is_flag=True, help="Find fixes in a first run, then run with them in memory, and verify.")
@click.option(
    "--sources", "sources", metavar="PATH", hidden=True, help="Run with the fixed texts that `--with-fixes` has made."
)
@options.dims_claimed
@click.option(
    "--check-shapes",
    is_flag=True,
    help="Infer all shapes a second time, at several sizes, and note where Paddle's symbolic shapes differ.",
)
@click.option(
    "--report",
    "reports",
    metavar="PATH",
    multiple=True,
    help="Write a report. Its ending is the format: .html .md .txt .json .sarif .xml (JUnit) .svg .png .pdf .dot",
)
@click.option(
    "--trace",
    "trace_path",
    metavar="PATH",
    help="Write the trace, from which `shapetrace report`, `why` and `diff` work later.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="End the script after so long, report what was seen until then, and exit with 124.",
)
@click.option(
    "--memory",
    type=click.FloatRange(min=0, min_open=True),
    metavar="GB",
    help="The same where it has more memory than this in use.",
)
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 3 on a finding as grave as this, or graver.")
@options.all_findings
@options.lang
@options.color
@click.option("--subprocesses", is_flag=True, help="Watch the Python processes that the script starts, too.")
@click.option("-m", "module", is_flag=True, help="SCRIPT is the name of a module, as for `python -m`.")
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
    with_fixes: bool,
    sources: str | None,
    dims: tuple[str, ...],
    check_shapes: bool,
    reports: tuple[str, ...],
    trace_path: str | None,
    timeout: float | None,
    memory: float | None,
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
    typed = click.get_current_context().meta[_TYPED]
    outputs = Outputs(trace_path, reports, lang=lang)
    stderr, process = sys.stderr, os.getpid()

    fixed = _fixed(program, dims) if with_fixes else None
    if sources is not None:
        _to_be_fixed(program, sources)
    program.prepare()
    asked = {"heal": heal, "remedies": remedies, "dims": named, "collect": True, "check_shapes": check_shapes}
    watching = _Watching(**asked)
    watching.verifies = verify and bool(heal or remedies or fixed)
    started: list[tuple[int, Trace]] = []
    with children.watched(asked) if subprocesses else nullcontext() as directory:
        with ending.limited(timeout, memory, watching.end):
            error = watching.run(program)
        if directory is not None and os.getpid() == process:
            started = children.traces(directory)
    if os.getpid() != process:  # a fork of the script's ends here too, and the report is its parent's
        return exit_code(error)
    trace = watching.trace
    _take_back_notes(error, trace)
    code = exit_code(error)
    if isinstance(error, ending.TimeLimit | ending.MemoryLimit):
        limit = f"--timeout {timeout:g}" if isinstance(error, ending.TimeLimit) else f"--memory {memory:g}"
        say(stderr, f"the script was ended by {limit}")
    if watching.refused is not None:
        raise watching.refused

    if fixed is not None:
        trace.fixed, trace.digests = fixed.fixes, trace.digests | fixed.digests
    outputs.command = again = _repeat(typed, 1 + len(arguments), trace)
    traces = ((None, trace), *started)
    if code == 0 and (trace.remedies or trace.fixed) and watching.exports.made:
        outputs.write(traces, quiet=True)  # what is known already is not lost where verifying is ended
        with harmless(stderr, "an export could not be verified"), progress.shown(stderr) as progressing:
            claimed = named if watching.unfit is None else {}
            trace.verified = watching.exports.verified(trace, claimed, progressing)
    for number, each in traces:
        if number is not None:
            say(stderr, f"the process {number}, which the script started:")
        with harmless(stderr, "a report could not be made"):
            from shapetrace.reports import text

            text.show(each, stderr, all=everything, command=again, color=color)
    if not any(each.conversions for _, each in traces):
        say(stderr, _hint(error, subprocesses))
    outputs.write(traces)
    wrong = any(verified.ok is False for verified in trace.verified)
    grave = any(_reaches(each, fail_on) for each in (trace, *(each for _, each in started)))
    if watching.unfit is not None and code == 0:
        raise watching.unfit  # the script ended well, and what was claimed has not been checked
    return FOUND if code >= 0 and (wrong or grave) else code


def _fixed(program: Program, dims: tuple[str, ...]) -> WithFixes:
    """Have `program` run with the fixes of a first run."""
    from shapetrace.cli import with_fixes

    fixed = with_fixes.find(program, dims)
    program.text = fixed.sources.text
    fixed.sources.install()
    return fixed


def _to_be_fixed(program: Program, sources: str) -> None:
    """Have `program` run with fixes, to look for more."""
    from shapetrace import fix

    fixed = fix.InMemory.load(sources)
    program.text = fixed.text
    fixed.install(to_be_fixed=True)


class _Watching:
    """A watch that opens when the script has imported Paddle, and closes when the script has ended."""

    def __init__(self, **asked: Any) -> None:
        self.trace: Trace = opened.Trace()
        self.refused: ShapetraceError | None = None
        self.unfit: UnfitDimsError | None = None
        """Says which claims fit no input, where the script ended well."""
        self.verifies = False
        self.exports = Exports({name: asked[name] for name in ("heal", "remedies")})
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

    def end(self, kind: type[BaseException], thread: int) -> None:
        """Have an exception raised in a thread, where that is safe."""
        asked = self._watch.ending if self._watch is not None else Ending(lambda: False)
        asked.ask(kind, thread)

    def _open(self) -> None:
        import shapetrace

        watch = shapetrace.watch(**self._asked)
        watch.terminated = ending.Terminated
        watch.patience = collect.SECONDS  # the script has ended when it closes: nothing else waits
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
        except UnfitDimsError as unfit:
            self.unfit = unfit
        except ShapetraceError as refused:
            self.refused = refused


class _Refused(BaseException):
    """Ends the script where it imports Paddle; no `except Exception` of the script's catches it."""


def _hint(error: BaseException | None, subprocesses: bool) -> str:
    """Why there may have been no conversion, and what to do."""
    if "paddle" not in sys.modules:
        why = "the script did not import Paddle in this process"
    elif error is not None and not (isinstance(error, SystemExit) and not error.code):
        return f"{_NOTHING}; the script ended before it came to one, by {type(error).__name__}"
    else:
        why = "the script came to none"
    also = "" if subprocesses else "; where it starts another Python that exports, add --subprocesses"
    return f"{_NOTHING}; {why}{also}"


def _take_back_notes(error: BaseException | None, trace: Trace) -> None:
    """Drop the diagnosis from the traceback: the report that follows says all of it."""
    notes = getattr(error, "__notes__", None)
    if notes and trace.findings:
        from shapetrace.reports.text import finding_note

        ours = {finding_note(trace, finding) for finding in trace.findings}
        notes[:] = [note for note in notes if note not in ours]


def _repeat(typed: Sequence[str], own: int, trace: Trace) -> str:
    """What to type after `shapetrace run` to run the program again.

    Args:
        typed: Everything that stood after `shapetrace run`.
        own: How many words at its end are the script and its arguments.
        trace: Says which remedies were applied; the others that were asked for are left out.
    """
    options, rest = list(typed[:-own]), typed[-own:]
    applied = {remedy.name for remedy in trace.remedies}
    for name in set(trace.tried) - applied:
        if f"--remedy={name}" in options:
            options.remove(f"--remedy={name}")
        for place, option in reversed(list(enumerate(options[:-1]))):
            if option == "--remedy" and options[place + 1] == name:
                del options[place : place + 2]
    return shlex.join([*options, *rest])


def _reaches(trace: Trace, level: str | None) -> bool:
    if level is None:
        return False
    grave = SEVERITIES[: SEVERITIES.index(level) + 1]
    return any(finding.severity in grave for finding in trace.findings)
