"""`shapetrace fix`: the fixes of a saved trace as one unified diff, or written to the files."""

from __future__ import annotations

import sys

import click

from shapetrace.opened import load

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
def command(*, trace: str, apply: bool, maybe: bool) -> int:
    """Show what the fixes of the file TRACE change, as one unified diff; with --apply, write them.

    A file that has changed since the trace was made is refused, and then none is written.
    """
    from shapetrace import fix
    from shapetrace.reports import wording
    from shapetrace.reports.printable import relative, visible

    loaded = load(trace)
    found = fix.collect(loaded, maybe=maybe)
    if apply:
        fix.write(found.files)
    else:
        sys.stdout.write(fix.unified(found.files).encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()
    did = "applied" if apply else "shown"
    files = wording.counted(len(found.files), "file")
    fixes = wording.counted(len(found.fixes), "fix") if len(found.fixes) == 1 else f"{len(found.fixes)} fixes"
    print(
        f"shapetrace: {fixes} in {files} {did}" if found.files else "shapetrace: nothing to fix here", file=sys.stderr
    )
    for finding in found.left_out:
        site = finding.sink or finding.source
        place = f" at {visible(relative(site.file))}:{site.line}" if site is not None else ""
        why = "it does not fit to the others" if maybe else "a person must judge it; --maybe takes it too"
        print(f"shapetrace: the fix of {visible(finding.rule)}{place} was left out: {why}", file=sys.stderr)
    return 0
