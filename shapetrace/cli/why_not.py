"""`shapetrace why-not`: why an export does not take a size, and which are the nearest that it takes."""

from __future__ import annotations

import os

import click

from shapetrace.cli import factory as factories
from shapetrace.cli import options, progress
from shapetrace.cli.sizes import is_factory
from shapetrace.cli.verify import sizes_of, undisturbed
from shapetrace.errors import UsageError
from shapetrace.opened import load
from shapetrace.reports.translations import current, worded
from shapetrace.said import said
from shapetrace.trace import Trace

_EXAMPLES = """\b
Examples:
  shapetrace why-not --size H=500 export.py:build
  shapetrace why-not --size image[2]=500,image[3]=640 out.trace
"""


@click.command(short_help="Say why an export does not take a size.", epilog=_EXAMPLES)
@options.dims_claimed
@click.option(
    "--size",
    "sizes",
    metavar="AXIS=SIZE,…",
    multiple=True,
    required=True,
    help="The size to ask about, as in --size H=500 or --size image[2]=500,image[3]=640; the others are held at sizes that are taken.",
)
@options.lang
@click.argument("source", metavar="MODULE:FACTORY|TRACE")
def command(*, source: str, dims: tuple[str, ...], sizes: tuple[str, ...], lang: str | None) -> None:
    """Say which op, at which line, does not take a size, what it compares there, and the nearest sizes that are taken.

    MODULE:FACTORY is as in `shapetrace sizes`; so is TRACE. An axis goes by its place, `image[2]`, by the name that --dim gives it, or by B, H or W.
    """
    asked = {name: size for text in sizes for name, size in sizes_of(text).items()}
    for name, size in asked.items():
        if size < 1:
            raise UsageError(said("the size of {} is {}; it is a positive int", name, size))
    trace = _exported(source, dims) if is_factory(source) else load(source)
    from shapetrace.sizes import refusing
    from shapetrace.sizes.deriving import of_forward

    click.echo(refusing.refusal(trace, of_forward(trace), asked).text(current().say), nl=False)


def _exported(source: str, dims: tuple[str, ...]) -> Trace:
    named = options.dims(dims)
    os.environ.setdefault("GLOG_minloglevel", "2")  # Paddle's C++ tells of each executor that it starts
    with undisturbed(as_json=False):
        layer, spec = factories.built(source)
        from shapetrace.proof import asking

        with progress.shown() as say:
            say(worded("exporting {}", source))
            return asking.exported(layer, spec, named)
