"""`shapetrace sweep diff`: what changed between two sweeps."""

from __future__ import annotations

from pathlib import Path

import click

from shapetrace.cli import options
from shapetrace.errors import UsageError
from shapetrace.said import said

DIFFERENT = 3
"""Exit code where they differ."""


@click.command(name="diff", short_help="Compare two sweeps.")
@click.option("--before-environment", metavar="NAME", help="Look at one environment of BEFORE only.")
@click.option("--after-environment", metavar="NAME", help="Look at one environment of AFTER only.")
@click.option(
    "--fail-on",
    type=click.Choice(["any", "new"]),
    default="any",
    help="Exit with 3 on any difference (the default), or only where something got worse: newly broken, failing "
    "otherwise, new findings, sizes lost.",
)
@click.option(
    "--slower",
    type=click.FloatRange(min=1, min_open=True),
    help="How many times as much processor time an export takes that counts as slower (1.5, and 5 s).",
)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", help="How to tell.")
@click.option("-o", "--output", metavar="PATH", help="Write it to a file.")
@options.lang
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def command(
    *,
    before: Path,
    after: Path,
    before_environment: str | None,
    after_environment: str | None,
    fail_on: str,
    slower: float | None,
    form: str,
    output: str | None,
    lang: str | None,
) -> int:
    """Compare the sweeps in the folders BEFORE and AFTER.

    Jobs are matched by model, mode and environment; where each side has one environment, whatever it is called. Exits
    with 0 where they differ in nothing, and with 3 where they do.
    """
    from shapetrace.sweep import changes, comparing
    from shapetrace.sweep.folder import Folder

    found = comparing.compare(
        Folder(before).records(),
        Folder(after).records(),
        (before_environment, after_environment),
        comparing.SLOWER if slower is None else slower,
    )
    if form == "json":
        _tell(comparing.json(found).decode(), output)
    else:
        _tell(changes.markdown(found) if form == "markdown" else changes.text(found), output)
    counted = [change for change in found if fail_on == "any" or change.kind in comparing.NEW]
    return DIFFERENT if counted else 0


def _tell(content: str, output: str | None) -> None:
    if output is None:
        click.echo(content, nl=False)
        return
    from shapetrace import atomic_write

    try:
        atomic_write.write(output, content.encode())
    except OSError as error:
        raise UsageError(said("cannot write {}: {}", output, error.strerror)) from None
