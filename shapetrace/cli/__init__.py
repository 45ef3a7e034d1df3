"""The command line: one file a command, each of which parses, calls, prints, and returns its exit code.

Exit codes: 0, the script's own for `run`, 2 for something that cannot be done as asked (one sentence on stderr), and 3
for `run --fail-on`.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence

import click

import shapetrace
from shapetrace.cli import options, recorder, spoken_errors
from shapetrace.cli.spoken_help import SpokenContext
from shapetrace.errors import ShapetraceError, UsageError
from shapetrace.reports import translations
from shapetrace.reports.translations import worded
from shapetrace.said import said

_COMMANDS = (
    "run",
    "report",
    "why",
    "annotate",
    "lsp",
    "sizes",
    "why-not",
    "diff",
    "redact",
    "rule",
    "remedies",
    "verify",
    "sweep",
    "onnx",
    "doctor",
    "fix",
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class _Commands(click.Group):
    """Imports the commands when they are needed."""

    context_class = SpokenContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Heed `--lang` behind `--help` too, and before the command is known to exist."""
        if args and (args[0] in ctx.help_option_names or (args[1:2] and args[1] in ctx.help_option_names)):
            options.speak_of(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"shapetrace.cli.{cmd_name.replace('-', '_')}").command
        command.context_class = SpokenContext
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = difflib.get_close_matches(name.lower(), _COMMANDS, n=1)
            also = said("did you mean {}?", near[0]) if near else said("there are {}", ", ".join(_COMMANDS))
            raise UsageError(said("No such command {}: {}", repr(name), also))
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(shapetrace.__version__, message="shapetrace %(version)s")
@options.spoken
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Tell where a wrong shape in a Paddle export came from, and what to do about it."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@cli.result_callback()
@click.pass_context
def _written(ctx: click.Context, code: int | None) -> int | None:
    """See that all output is written, as long as a failure can be told. What a script under `run` prints is its own."""
    if ctx.invoked_subcommand != "run" and sys.stdout is not None:
        sys.stdout.flush()
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What follows the command's name; those of this process when None.

    Returns:
        The exit code.

    Raises:
        KeyboardInterrupt: The user's script was interrupted. Nothing more is printed, and Python ends the process by
            the signal, as it would have ended the script.
    """
    with translations.speaking(None):
        return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code: int | None = cli.main(arguments, prog_name="shapetrace", standalone_mode=False, obj=arguments is None)
    except (click.ClickException, ShapetraceError) as error:
        return _refuse(spoken_errors.sentence(error))
    except click.Abort:
        return 128 + signal.SIGINT
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        _write_no_more()
        return 128 + signal.SIGPIPE
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _write_no_more()
        return _refuse(worded("the output cannot be written: {}", error.strerror))
    if code == -signal.SIGINT:  # of the user's script
        sys.excepthook = lambda *_: None
        raise KeyboardInterrupt
    if code is not None and code < 0:
        recorder.die(-code)
        return 128 - code
    return int(code or 0)


def _write_no_more() -> None:
    """Keep Python from complaining, on its way out, about what it still cannot write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str) -> int:
    from shapetrace.reports.printable import visible  # names of a model are quoted in it

    print(f"shapetrace: {visible(' '.join(message.split()))}", file=sys.stderr)
    return 2
