"""`shapetrace fix`: the fixes of a saved trace as one unified diff, or written to the files."""

from __future__ import annotations

import sys

import click

from shapetrace.cli import options
from shapetrace.cli.outputs import say
from shapetrace.opened import load
from shapetrace.reports.translations import current, worded
from shapetrace.said import Said, said

_EXAMPLES = """\b
Examples:
  shapetrace fix out.trace
  shapetrace fix out.trace | git apply
  shapetrace fix --apply out.trace
"""


@click.command(short_help="Show the fixes of a trace as a diff, or apply them.", epilog=_EXAMPLES)
@click.argument("trace")
@click.option("--apply", "apply", is_flag=True, help="Write the files, instead of showing the diff.")
@click.option("--maybe", is_flag=True, help="Take the fixes that a person must judge, too.")
@options.lang
def command(*, trace: str, apply: bool, maybe: bool, lang: str | None) -> int:
    """Show what the fixes of the file TRACE change, as one unified diff; with --apply, write them.

    A file that has changed since the trace was made is refused, and then none is written.
    """
    from shapetrace import fix
    from shapetrace.reports.printable import relative

    loaded = load(trace)
    found = fix.collect(loaded, maybe=maybe)
    if apply:
        fix.write(found.files)
    else:
        sys.stdout.write(fix.unified(found.files).encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()
    say(sys.stderr, current().say(_done(len(found.fixes), len(found.files), applied=apply)))
    for finding in found.left_out:
        site = finding.sink or finding.source
        place = f" ({relative(site.file)}:{site.line})" if site is not None else ""
        why = said("it does not fit to the others" if maybe else "a person must judge it; --maybe takes it too")
        say(sys.stderr, worded("the fix of {} was left out: {}", f"{finding.rule}{place}", why))
    return 0


def _done(fixes: int, files: int, *, applied: bool) -> Said:
    if not files:
        return said("nothing to fix here")
    what = said(
        "{} {} in {} {}", fixes, said("fix" if fixes == 1 else "fixes"), files, said("file" if files == 1 else "files")
    )
    return said("{} applied", what) if applied else said("{} shown", what)
