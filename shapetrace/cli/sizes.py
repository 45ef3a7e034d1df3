"""`shapetrace sizes`: which sizes an export takes, and the line that says so."""

from __future__ import annotations

import os

import click

from shapetrace import atomic_write
from shapetrace.cli import factory as factories
from shapetrace.cli import options, progress
from shapetrace.cli.verify import undisturbed
from shapetrace.errors import UsageError
from shapetrace.opened import load
from shapetrace.sizes import Sizes


@click.command(short_help="Say which sizes an export takes, and why.")
@options.dims_claimed
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; what the model prints goes to stderr.")
@click.option(
    "--contract",
    metavar="PATH",
    help="Write the same JSON to a file, out/model.shapes.json, for whoever serves the model.",
)
@click.option(
    "--spec",
    "as_spec",
    is_flag=True,
    help="Print the most dynamic input spec that the export can do with, ready to paste.",
)
@click.argument("source", metavar="MODULE:FACTORY|TRACE")
def command(*, source: str, dims: tuple[str, ...], as_json: bool, contract: str | None, as_spec: bool) -> int:
    """Say for each axis of the inputs which sizes the export takes, and which op and line leave it fewer.

    MODULE:FACTORY is a function in MODULE, or in a file (`export.py:build`), that takes nothing and returns the layer and its
    input spec. TRACE is the file of a finished export, which needs no Paddle.
    """
    if as_spec:
        _print_spec(source)
        return 0
    found = _of_factory(source, dims, as_json) if is_factory(source) else _of_trace(source)
    written = _encoded(found) if as_json or contract is not None else ""
    if contract is not None:
        _write(contract, written)
    if as_json:
        click.echo(written, nl=False)
    else:
        click.echo("\n".join(each.text() for each in found), nl=False)
    return 0


def _encoded(found: list[Sizes]) -> str:
    from shapetrace.reports import json_report
    from shapetrace.sizes.document import document

    return json_report.encode(document(found))


def _write(path: str, content: str) -> None:
    try:
        atomic_write.write(path, content.encode())
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def is_factory(source: str) -> bool:
    """Whether what the user names is a factory, and no file of a trace."""
    return ":" in source and not os.path.exists(source)


def _print_spec(source: str) -> None:
    if not is_factory(source):
        raise UsageError("--spec converts the model several times: name MODULE:FACTORY, and no trace")
    os.environ.setdefault("GLOG_minloglevel", "2")
    with undisturbed(as_json=False):
        layer, spec = factories.built(source)
        from shapetrace.proof import dynamic

        with progress.shown() as say:
            found = dynamic.spec(layer, spec, lambda what: say(f"spec of {source}: {what}"))
    click.echo(found.text(), nl=False)


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
