"""`shapetrace sizes`: which sizes an export takes, and the line that says so."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import click

from shapetrace import atomic_write
from shapetrace.claims import Claim
from shapetrace.cli import factory as factories
from shapetrace.cli import options, progress
from shapetrace.cli.verify import sizes_of, undisturbed
from shapetrace.errors import UsageError
from shapetrace.opened import load
from shapetrace.reports.translations import current, worded
from shapetrace.said import said
from shapetrace.sizes import Sizes
from shapetrace.sizes import ranges as ranging
from shapetrace.sizes.deploying import ENGINES
from shapetrace.sizes.ranges import Ranges
from shapetrace.trace import Trace

_EXAMPLES = """\b
Examples:
  shapetrace sizes mypackage.export:build
  shapetrace sizes --spec export.py:build
  shapetrace sizes out.trace
"""


@click.command(short_help="Say which sizes an export takes, and why.", epilog=_EXAMPLES)
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
@click.option(
    "--range",
    "asked",
    metavar="AXIS=SIZES,…",
    multiple=True,
    help="The sizes to deploy for, as in --range B=1..8,H=32*k:320..640,image[3]=640. What --dim claims counts too.",
)
@click.option(
    "--opt",
    metavar="AXIS=SIZE,…",
    multiple=True,
    help="With --range: the sizes that an engine is tuned for; without it the largest.",
)
@click.option(
    "--for",
    "engine",
    type=click.Choice(ENGINES),
    help="With --range: print the ranges as this engine, or tool around it, is given them.",
)
@click.option("--inner", is_flag=True, help="With --range: tell the ranges of the tensors within the program too.")
@options.lang
@click.argument("source", metavar="MODULE:FACTORY|TRACE")
def command(
    *,
    source: str,
    dims: tuple[str, ...],
    as_json: bool,
    contract: str | None,
    as_spec: bool,
    asked: tuple[str, ...],
    opt: tuple[str, ...],
    engine: str | None,
    inner: bool,
    lang: str | None,
) -> int:
    """Say for each axis of the inputs which sizes the export takes, and which op and line leave it fewer.

    MODULE:FACTORY is a function in MODULE, or in a file (`export.py:build`), that takes nothing and returns the layer and its
    input spec. TRACE is the file of a finished export, which needs no Paddle. With --range, say what to build an engine for.
    """
    if as_spec:
        _print_spec(source)
        return 0
    wanted = _wanted(asked, opt) if asked or opt or engine is not None or inner else None
    if is_factory(source):
        found, ranges = _of_factory(source, dims, as_json, wanted, prove=wanted is None or contract is not None)
    else:
        found, ranges = _of_trace(source, wanted)
    written = _encoded(found, ranges, inner) if as_json or contract is not None else ""
    if contract is not None:
        _write(contract, written)
    if as_json:
        click.echo(written, nl=False)
    elif ranges is not None:
        _print_ranges(ranges, engine, inner)
    else:
        click.echo("\n".join(each.text(current().say) for each in found), nl=False)
    return 0


@dataclass(frozen=True)
class _Wanted:
    """The ranges that are asked for."""

    asked: Mapping[str, Claim]
    usual: Mapping[str, int]

    def of(self, trace: Trace, found: Sizes) -> Ranges:
        return ranging.of_conversion(trace, found, self.asked, self.usual)


def _wanted(asked: tuple[str, ...], opt: tuple[str, ...]) -> _Wanted:
    usual = {name: size for text in opt for name, size in sizes_of(text, "--opt").items()}
    return _Wanted(ranging.read(asked), usual)


def _encoded(found: list[Sizes], ranges: Ranges | None, inner: bool) -> str:
    from shapetrace.reports import json_report
    from shapetrace.sizes.document import document

    return json_report.encode(document(found, ranges, inner=inner))


def _print_ranges(ranges: Ranges, engine: str | None, inner: bool) -> None:
    from shapetrace.sizes import deploying, extents

    if engine is not None:
        click.echo(deploying.text(ranges, engine), nl=False)
    if engine is None or inner:
        click.echo(deploying.table(ranges, extents.tensors(ranges) if inner else ()), nl=False)
    for note in ranges.notes():  # apart, so that what is printed can be pasted
        click.echo(current().say(note), err=True)


def _write(path: str, content: str) -> None:
    try:
        atomic_write.write(path, content.encode())
    except OSError as error:
        raise UsageError(said("cannot write {}: {}", path, error.strerror)) from None


def is_factory(source: str) -> bool:
    """Whether what the user names is a factory, and no file of a trace."""
    return ":" in source and not os.path.exists(source)


def _print_spec(source: str) -> None:
    if not is_factory(source):
        raise UsageError(said("--spec converts the model several times: name MODULE:FACTORY, and no trace"))
    os.environ.setdefault("GLOG_minloglevel", "2")
    with undisturbed(as_json=False):
        layer, spec = factories.built(source)
        from shapetrace.proof import dynamic

        with progress.shown() as say:
            found = dynamic.spec(layer, spec, lambda what: say(worded("spec of {}: {}", source, what)))
    click.echo(found.text(), nl=False)


def _of_trace(path: str, wanted: _Wanted | None) -> tuple[list[Sizes], Ranges | None]:
    from shapetrace.sizes.deriving import derived

    trace = load(path)
    found = derived(trace)
    return found, wanted.of(trace, found[-1]) if wanted is not None else None


def _of_factory(
    source: str, dims: tuple[str, ...], as_json: bool, wanted: _Wanted | None, *, prove: bool
) -> tuple[list[Sizes], Ranges | None]:
    named = options.dims(dims)
    os.environ.setdefault("GLOG_minloglevel", "2")  # Paddle's C++ tells of each executor that it starts
    with undisturbed(as_json):
        layer, spec = factories.built(source)
        from shapetrace.proof import asking

        with progress.shown() as shown:

            def say(what: str) -> None:
                shown(worded("sizes of {}: {}", source, what))

            with asking.exporting(layer, spec, named, say) as export:
                ranges = wanted.of(export.trace, export.found) if wanted is not None else None  # may be refused
                return [export.proven(say, ranges) if prove else export.found], ranges
