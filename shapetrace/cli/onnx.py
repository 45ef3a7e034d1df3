"""`shapetrace onnx`: an ONNX file held against the trace of its export, and made readable."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shapetrace.cli import options
from shapetrace.cli.outputs import say
from shapetrace.opened import load
from shapetrace.reports.translations import current, worded

WRONG = 3
"""Exit code where the file is wrong."""

_EXAMPLES = """\b
Examples:
  shapetrace onnx model.onnx out.trace
  shapetrace onnx model.onnx out.trace -o readable.onnx
"""


@click.command(short_help="Check an ONNX file by its trace, and write names into it.", epilog=_EXAMPLES)
@options.lang
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("trace")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the file with names of dims, and the line and layer of each node, as Netron shows them.",
)
def command(*, file: Path, trace: str, output: Path | None, lang: str | None) -> int:
    """Say what Paddle2ONNX baked into FILE or lost, by the TRACE of the same export; with -o, write what the trace knows into it.

    Nothing is run, and Paddle is not needed. Without -o it exits with 3 where the file is wrong.
    """
    from shapetrace.onnx_file import annotate, lint, names
    from shapetrace.reports.printable import relative, visible

    aligned = names.read(file, load(trace))
    found = lint.problems(aligned)
    for problem in found:
        site = aligned.site(problem.op) if problem.op is not None else None
        place = f"{relative(site.file)}:{site.line}: " if site is not None else ""
        click.echo(visible(f"{place}{problem.node}: {current().say(problem.said)}"), err=output is not None)
    if output is None:
        if not found:
            click.echo(worded("nothing is wrong with it, as far as it can be seen without running it"))
        return WRONG if any(problem.wrong for problem in found) else 0
    written = annotate.annotate(aligned, relative)
    _save(aligned.model, output)
    say(
        sys.stderr,
        worded("wrote {}: {} dims named, the line of {} of {} nodes", output, written.dims, written.nodes, written.of),
    )
    return 0


def _save(model: object, output: Path) -> None:
    """Write a model that `onnx.checker` takes; one that it does not is written all the same, and that is said."""
    import onnx

    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        say(sys.stderr, worded("onnx.checker refuses the file, as it does without the names: {}", error))
    onnx.save(model, str(output))
