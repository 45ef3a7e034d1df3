"""`shapetrace lsp`: a language server over the newest trace of a project."""

from __future__ import annotations

import click

from shapetrace.errors import UsageError
from shapetrace.said import said

_EXAMPLES = """\b
Examples:
  shapetrace lsp
  shapetrace lsp --trace export.trace
"""


@click.command(short_help="Show shapes, findings and fixes in an editor.", epilog=_EXAMPLES)
@click.option(
    "--trace", metavar="PATH", help="The trace to read; without it, the newest *.trace below the project's directory."
)
def command(*, trace: str | None) -> None:
    """Speak the language server protocol on stdin and stdout, for editors: shapes at line ends, the way of a dim on hover, findings and fixes.

    It answers from a trace that `shapetrace run --trace export.trace` has written, and reads a newer one by itself. Functions that have changed since
    are marked as stale. docs/how-to/use-in-an-editor.md tells how to set an editor up.
    """
    try:
        from shapetrace.editor.server import serve
    except ImportError as error:
        raise UsageError(
            said("the language server needs pygls ({}): pip install 'shapetrace[editor]'", error)
        ) from None
    serve(trace).start_io()
