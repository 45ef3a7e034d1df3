"""`shapetrace sizes`: which sizes an export takes, and the line that says so."""

from __future__ import annotations

import os

import click

from shapetrace.cli import factory as factories
from shapetrace.cli import options, progress
from shapetrace.cli.verify import undisturbed
from shapetrace.opened import load
from shapetrace.sizes import Sizes


@click.command(short_help="Say which sizes an export takes, and why.")
@options.dims_claimed
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; what the model prints goes to stderr.")
@click.argument("source", metavar="MODULE:FACTORY|TRACE")
def command(*, source: str, dims: tuple[str, ...], as_json: bool) -> int:
    """Say for each axis of the inputs which sizes the export takes, and which op and line leave it fewer.

    MODULE:FACTORY is a function in MODULE, or in a file (`export.py:build`), that takes nothing and returns the layer and its
    input spec. TRACE is the file of a finished export, which needs no Paddle.
    """
    found = _of_factory(source, dims, as_json) if is_factory(source) else _of_trace(source)
    if as_json:
        from shapetrace.reports import json_report
        from shapetrace.sizes.document import document

        click.echo(json_report.encode(document(found)), nl=False)
    else:
        click.echo("\n".join(each.text() for each in found), nl=False)
    return 0


def is_factory(source: str) -> bool:
    """Whether what the user names is a factory, and no file of a trace."""
    return ":" in source and not os.path.exists(source)


def _of_trace(path: str) -> list[Sizes]:
    from shapetrace.sizes.deriving import derived

    return derived(load(path))


def _of_factory(source: str, dims: tuple[str, ...], as_json: bool) -> list[Sizes]:
    named = options.dims(dims)
    os.environ.setdefault("GLOG_minloglevel", "2")  # Paddle's C++ tells of each executor that it starts
    with undisturbed(as_json):
        layer, spec = factories.built(source)
        from shapetrace.proof import sizes

        with progress.shown() as say:
            return [sizes(layer, spec, dims=named, progress=lambda what: say(f"sizes of {source}: {what}"))]
