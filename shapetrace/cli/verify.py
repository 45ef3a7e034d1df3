"""`shapetrace verify`: a model against its export, at several sizes."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from shapetrace.cli import options
from shapetrace.errors import UsageError

DIFFERENT = 3
"""Exit code where the exported model does not give the same."""


@click.command(short_help="Compare a model with its export, at several sizes.")
@click.option("--dim", "dims", metavar="INPUT=B,3,H,W", multiple=True, help="What you claim of the axes of an input.")
@click.option(
    "--size", "sizes", metavar="B=2,H=320", multiple=True, help="Sizes of one run; others are the usual ones."
)
@click.option("--rtol", type=float, help="Relative tolerance; by dtype if left out.")
@click.option("--atol", type=float, help="Absolute tolerance, alike.")
@click.argument("factory", metavar="MODULE:FACTORY")
def command(
    *, factory: str, dims: tuple[str, ...], sizes: tuple[str, ...], rtol: float | None, atol: float | None
) -> int:
    """Export a model, run both, and say where they differ.

    FACTORY is a function in MODULE that takes nothing and returns the layer and its input spec. Exits with 3 where the
    two differ.
    """
    from shapetrace.verify import verify

    asked = [_sizes(text) for text in sizes] or None
    layer, spec = _built(factory)
    result = verify(layer, spec, asked, dims=options.dims(dims), rtol=rtol, atol=atol)
    click.echo(result.text(), nl=False)
    return 0 if result.ok else DIFFERENT


def _built(factory: str) -> tuple[Any, Any]:
    module, colon, name = factory.partition(":")
    if not colon or not name:
        raise UsageError(f"{factory!r} names no factory: write MODULE:FACTORY, such as mypackage.export:build")
    sys.path.insert(0, os.getcwd())  # as `python -m` does
    try:
        function = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # one that the user's module wants
        raise UsageError(f"there is no module {module}: it is looked for as `python -m` would") from None
    if not callable(function):
        raise UsageError(f"the module {module} has no function {name}")
    built = function()
    if not isinstance(built, tuple) or len(built) != 2:
        raise UsageError(f"{factory} must return a layer and its input spec, and returned {type(built).__name__}")
    return built


def _sizes(text: str) -> dict[str, int]:
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(name and size.isdigit() for name, _, size in pairs):
        raise UsageError(f"--size {text} is not of the form B=2,H=320")
    return {name: int(size) for name, _, size in pairs}
