"""`shapetrace doctor`: what can be known before an export is tried."""

from __future__ import annotations

import os
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import click

from shapetrace.cli import options
from shapetrace.cli.on_import import OnImport
from shapetrace.cli.program import CannotRunError, Program, exit_code
from shapetrace.doctor import versions
from shapetrace.doctor.first_conversion import FirstConversion, StoppedError
from shapetrace.doctor.lines import Line, checked
from shapetrace.errors import UsageError, in_words
from shapetrace.reports.printable import relative
from shapetrace.reports.translations import worded
from shapetrace.said import said

FOUND = 3
"""Exit code where a line is an error."""

_SUBJECT = "script"

_EXAMPLES = """\b
Examples:
  shapetrace doctor
  shapetrace doctor tools/export_model.py -c config.yml
"""


@click.command(
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS]",
    short_help="Check versions, and a model before its export.",
    epilog=_EXAMPLES,
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; what the script prints goes to stderr.")
@options.lang
@options.color
@click.option("-m", "module", is_flag=True, help="SCRIPT is the name of a module.")
@click.argument("script", required=False)
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def command(
    *, script: str | None, arguments: tuple[str, ...], module: bool, as_json: bool, lang: str | None, color: bool | None
) -> int:
    """Check what is installed and, with SCRIPT, the model that it would export, without converting anything.

    SCRIPT is run as `python` would run it, up to its first conversion, and is stopped there: nothing is exported. Exits
    with 3 where something would fail.
    """
    program = Program(script, arguments, module=module) if script is not None else None
    if module and program is None:
        raise UsageError(said("-m needs the name of a module"))
    from shapetrace.doctor import environment, table

    process = os.getpid()
    with _printing_to_stderr(as_json):
        if program is None:
            sys.path.insert(0, os.getcwd())  # as `python -m` does: people stand in the checkout they ask about
            lines = environment.lines()
        else:
            waiting = FirstConversion()
            error = _run(program, waiting)
            if os.getpid() != process or isinstance(error, KeyboardInterrupt):
                return exit_code(error)
            about = _about(program, waiting, error)  # before the probes, which import more than the script did
            model = waiting.reached.layer if waiting.reached is not None else None
            lines = [*environment.lines(model), *about]
    if as_json:
        click.echo(table.as_json(lines))
    else:
        table.show(lines, sys.stdout, color=color)
    return FOUND if any(line.level == "error" for line in lines) else 0


@contextmanager
def _printing_to_stderr(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def _run(program: Program, waiting: FirstConversion) -> BaseException | None:
    """Run the program up to its first conversion, and return what ended it before that."""
    if not versions.importable("paddle"):
        return None
    program.prepare()
    hook = OnImport("paddle", waiting.install)
    try:
        hook.install()
        program.run()
    except StoppedError:
        pass
    except CannotRunError:
        raise
    except BaseException as raised:
        return raised
    finally:
        hook.remove()
        waiting.remove()
    return None


def _about(program: Program, waiting: FirstConversion, error: BaseException | None) -> list[Line]:
    """The lines about a program that has been run."""
    if not versions.importable("paddle"):
        return [Line("note", _SUBJECT, said("{} was not run: Paddle is missing", program.target))]
    from rich.console import Console

    from shapetrace.doctor import callables, detection_config, dygraph, endless, inputs, known, table

    found = checked("config", detection_config.lines, program.target, program.arguments)
    reached = waiting.reached
    if reached is None:
        return [*found, _not_reached(program, error)]
    walks = endless.Walks(callables.skipped_code(reached))
    checks: list[tuple[str, Callable[..., Sequence[Line]], tuple[Any, ...]]] = [
        ("inputs", inputs.lines, (reached,)),
        ("dygraph", dygraph.lines, (reached, walks)),
        ("loops", walks.lines, ()),
        ("callables", callables.lines, (reached,)),
        ("Paddle itself", known.lines, (reached,)),
    ]
    for subject, check, arguments in checks:
        with Console(stderr=True).status(worded("checking {}", table.subject(subject))):  # shown in a terminal only
            found += checked(subject, check, *arguments)
    place = f" ({relative(reached.place[0])}:{reached.place[1]})" if reached.place is not None else ""
    stopped = said("stopped before its first conversion, of {}; nothing was exported", f"{reached.name}{place}")
    return [*found, Line("ok", _SUBJECT, stopped, f"shapetrace run {_repeat(program)}")]


def _not_reached(program: Program, error: BaseException | None) -> Line:
    """What ended a program that has converted nothing."""
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return Line(
            "warning",
            _SUBJECT,
            said(
                "ended without a conversion: paddle.jit.save, to_static(full_graph=True) and paddle.onnx.export are waited "
                "for"
            ),
            said("give the arguments with which it exports"),
        )
    if isinstance(error, SystemExit):
        return Line(
            "error",
            _SUBJECT,
            said("left with {} before its first conversion", repr(error.code)),
            f"python {_repeat(program)}",
        )
    frames = traceback.extract_tb(error.__traceback__)
    ours = os.path.dirname(os.path.dirname(__file__)) + os.sep
    last = next((frame for frame in reversed(frames) if not frame.filename.startswith((ours, "<"))), None)
    place = f" ({relative(last.filename)}:{last.lineno})" if last is not None else ""
    return Line(
        "error",
        _SUBJECT,
        said("failed before its first conversion: {}{}", in_words(error), place),
        said("make it run: python {}", _repeat(program)),
    )


def _repeat(program: Program) -> str:
    return shlex.join([*(["-m"] if program.module else []), program.target, *program.arguments])
