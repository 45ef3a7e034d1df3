"""`shapetrace redact`: a trace that can be shown to strangers."""

from __future__ import annotations

import click

from shapetrace.errors import UsageError
from shapetrace.opened import load
from shapetrace.said import said

_EXAMPLES = """\b
Examples:
  shapetrace redact out.trace -o to_show.trace
"""


@click.command(short_help="Shorten the paths in a trace, to show it to others.", epilog=_EXAMPLES)
@click.option("-o", "--output", "path", metavar="PATH", required=True, help="Where to write the copy.")
@click.option("--root", metavar="DIRECTORY", help="Make paths relative to it (default: the current directory).")
@click.option("--no-source", is_flag=True, help="Leave out the quoted lines, the expressions and the fixes too.")
@click.argument("trace")
def command(*, trace: str, path: str, root: str | None, no_source: bool) -> None:
    """Write a copy of TRACE whose paths tell nothing of this machine.

    Paths outside of the directory are cut to what follows `site-packages`, or to their file name.
    """
    from shapetrace.trace.redaction import redacted

    copy = redacted(load(trace), root, source=not no_source)
    try:
        copy.save(path)
    except OSError as error:
        raise UsageError(said("cannot write the trace {}: {}", path, error.strerror)) from None
