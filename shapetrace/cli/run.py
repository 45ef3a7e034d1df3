"""`shapetrace run`: a script under watch, run as `python` would run it."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shapetrace.black_box import BlackBox
from shapetrace.claims import Dims
from shapetrace.cli import children, ending, options, post_mortem, progress, recorder
from shapetrace.cli.judging import Judging, judged
from shapetrace.cli.outputs import Outputs, harmless, say
from shapetrace.cli.program import Program, exit_code
from shapetrace.cli.reporting import FOUND, Reporting
from shapetrace.cli.watching import Watching
from shapetrace.reports.translations import worded
from shapetrace.said import said
from shapetrace.trace import SEVERITIES, Trace

if TYPE_CHECKING:
    from shapetrace.cli.with_fixes import WithFixes

_TYPED = "shapetrace.typed"

_EXAMPLES = """\b
Examples:
  shapetrace run export.py --out model
  shapetrace run --report report.html --trace export.trace export.py
  shapetrace run --remedy auto -m mypackage.export
"""
_NOTHING = said(
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
    default=None,
    help="Once the script has ended, compare its exports with their models, or do not. Without either: with a remedy.",
)
@click.option(
    "--engine",
    "engines",
    metavar="NAME",
    multiple=True,
    help="Compare its exports with their models in this engine as well, as `verify --engine` does.",
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
    "--open",
    "shown",
    is_flag=True,
    help="Open the HTML report in a browser; without --report it is shapetrace.html.",
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
@judged
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
    verify: bool | None,
    engines: tuple[str, ...],
    with_fixes: bool,
    sources: str | None,
    dims: tuple[str, ...],
    check_shapes: bool,
    reports: tuple[str, ...],
    shown: bool,
    trace_path: str | None,
    timeout: float | None,
    memory: float | None,
    fail_on: str | None,
    subprocesses: bool,
    everything: bool,
    lang: str | None,
    color: bool | None,
    judging: Judging,
) -> int:
    """Run SCRIPT as `python` would, and explain the shapes that went wrong in its conversions.

    Options come before SCRIPT; whatever follows it is the script's. The diagnosis goes to stderr, and the exit code is
    the script's own, or 3 by --fail-on, or where a repaired export does not give what its model gives.
    """
    program = Program(script, arguments, module=module)
    project = judging.settings
    named = {**project.dims, **options.dims(dims)}
    remedies = remedies if remedies or heal else project.remedies
    context = click.get_current_context()
    outputs = Outputs(trace_path, reports, lang=lang or project.lang, shown=shown)
    reporting = Reporting(
        outputs,
        context.meta[_TYPED],
        1 + len(arguments),
        fail_on or project.fail_on,
        judging,
        everything=everything,
        color=color,
    )

    fixed = _fixed(program, named, judging) if with_fixes else None
    if sources is not None:
        _to_be_fixed(program, sources)
    asked = {"heal": heal, "remedies": remedies, "dims": named, "collect": True, "check_shapes": check_shapes}
    watching = Watching(**asked, of_project=frozenset(project.dims) - frozenset(options.dims(dims)))
    if verify is None and engines:
        verify = True
    watching.verifies = bool(heal or remedies or fixed) if verify is None else verify
    watching.verifies_all = verify is True
    watching.exports.engines = _known(engines)
    watching.fixed = fixed
    with children.watched(asked) if subprocesses else nullcontext() as directory:
        if context.obj and recorder.possible():  # not where a program calls `main`: both would go on in it
            box = BlackBox()
            ended = recorder.attend()
            if ended is not None:
                return reporting.of_dead(post_mortem.read(box, ended), ended, directory)
            watching.box = box
            watching.exports.known = partial(post_mortem.tell_verified, box)
        with post_mortem.told(watching.box):
            return _run(program, watching, reporting, directory, timeout, memory)


def _run(
    program: Program,
    watching: Watching,
    reporting: Reporting,
    directory: Path | None,
    timeout: float | None,
    memory: float | None,
) -> int:
    """Run the program in this process, and report."""
    stderr, process = reporting.stderr, os.getpid()
    program.prepare()
    error = watching.run(program, ending.limited(timeout, memory, watching.end))
    if os.getpid() != process:  # a fork of the script's ends here too, and the report is its parent's
        return exit_code(error)
    started = children.traces(directory) if directory is not None else []
    trace = watching.trace
    _take_back_notes(error, trace)
    code = exit_code(error)
    if isinstance(error, ending.TimeLimit | ending.MemoryLimit):
        limit = f"--timeout {timeout:g}" if isinstance(error, ending.TimeLimit) else f"--memory {memory:g}"
        say(stderr, worded("the script was ended by {}", limit))
    if watching.refused is not None:
        raise watching.refused

    if watching.fixed is not None:
        trace.fixed, trace.digests = watching.fixed.fixes, trace.digests | watching.fixed.digests
    reporting.suggest(trace)
    traces = ((None, trace), *started)
    reporting.suppress(traces)
    concerned = watching.verifies_all or trace.remedies or trace.fixed
    ended_by_itself = error is None or isinstance(error, Exception | SystemExit)
    if (code == 0 or (watching.verifies_all and ended_by_itself)) and concerned and watching.exports.made:
        reporting.outputs.write(traces, quiet=True)  # what is known already is not lost where verifying is ended
        with harmless(stderr, said("an export could not be verified")), progress.shown(stderr) as progressing:
            trace.verified = watching.exports.verified(trace, watching.claimed, progressing)
    reporting.show(traces)
    if not any(each.conversions for _, each in traces):
        say(stderr, _hint(error, directory is not None))
    reporting.outputs.write(traces)
    wrong = any(verified.ok is False for verified in trace.verified)
    if watching.unfit is not None and code == 0:
        raise watching.unfit  # the script ended well, and what was claimed has not been checked
    return FOUND if code >= 0 and (wrong or reporting.grave(traces)) else code


def _known(engines: tuple[str, ...]) -> tuple[str, ...]:
    """The engines; a name that nobody knows is told before the script runs."""
    if engines:
        from shapetrace import discovery

        for name in engines:
            if name != "jit.load":
                discovery.engine(name)
    return engines


def _fixed(program: Program, dims: Dims, judging: Judging) -> WithFixes:
    """Have `program` run with the fixes of a first run."""
    from shapetrace.cli import with_fixes

    fixed = with_fixes.find(program, dims, judging)
    program.text = fixed.sources.text
    fixed.sources.install()
    return fixed


def _to_be_fixed(program: Program, sources: str) -> None:
    """Have `program` run with fixes, to look for more."""
    from shapetrace import fix

    fixed = fix.InMemory.load(sources)
    program.text = fixed.text
    fixed.install(to_be_fixed=True)


def _hint(error: BaseException | None, subprocesses: bool) -> str:
    """Why there may have been no conversion, and what to do."""
    if "paddle" not in sys.modules:
        why = said("{}; the script did not import Paddle in this process", _NOTHING)
    elif error is not None and not (isinstance(error, SystemExit) and not error.code):
        return worded("{}; the script ended before it came to one, by {}", _NOTHING, type(error).__name__)
    else:
        why = said("{}; the script came to none", _NOTHING)
    return worded(
        "{}{}", why, "" if subprocesses else said("; where it starts another Python that exports, add --subprocesses")
    )


def _take_back_notes(error: BaseException | None, trace: Trace) -> None:
    """Drop the diagnosis from the traceback: the report that follows says all of it."""
    notes = getattr(error, "__notes__", None)
    if notes and trace.findings:
        from shapetrace.reports.text import finding_note

        ours = {finding_note(trace, finding) for finding in trace.findings}
        notes[:] = [note for note in notes if note not in ours]
