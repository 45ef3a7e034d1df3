"""`shapetrace verify`: a model against its export, at several sizes."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shapetrace import settings
from shapetrace.cli import factory as factories
from shapetrace.cli import options, progress
from shapetrace.errors import UsageError
from shapetrace.reports.translations import worded
from shapetrace.said import said
from shapetrace.verify.unknown import UNKNOWNS, Unknown, opened

if TYPE_CHECKING:
    from shapetrace.claims import Dims
    from shapetrace.verify.results import Verification

DIFFERENT = 3
"""Exit code where the exported model does not give the same."""

_USUAL = ("onnxruntime",)
"""What runs a given ONNX file where no engine is named."""

_EXAMPLE = """\b
Examples:
  shapetrace verify mypackage.export:build
  shapetrace verify --dim image=B,3,H=32*k,W=32*k export.py:build
  shapetrace verify --engine inference --engine onnxruntime export.py:build
  shapetrace verify --unknown all export.py:build
  shapetrace verify --onnx model.onnx --trace out.trace
  shapetrace verify --onnx model.onnx export.py:build
  shapetrace verify --size batch=1,x[1]=20 --size batch=4,x[1]=7 export.py:build
"""


@click.command(short_help="Compare a model with its export, at several sizes.", epilog=_EXAMPLE)
@options.dims_claimed
@click.option(
    "--size",
    "sizes",
    metavar="B=2,H=320",
    multiple=True,
    help="Run at these sizes, one --size a run; dims that it leaves out get usual sizes. Without it: batches of 1, 2 "
    "and 5, other axes of 64 to 128, and one size off the strides that models have.",
)
@click.option(
    "--rtol",
    type=float,
    help="Tolerance for floats, relative to the largest value of each output. Without it: 1e-4 for float32, 1e-7 for "
    "float64, 1e-2 for float16, and what rounding alone does to the model.",
)
@click.option("--atol", type=float, help="Tolerance for floats that is added to that of --rtol (default: 0).")
@click.option(
    "--engine",
    "engines",
    metavar="NAME",
    multiple=True,
    help="Run the export in this engine as well, in a process of its own: inference (Paddle Inference), onnxruntime, openvino, "
    "tensorrt, or one of a plugin. May be given several times; jit.load always runs.",
)
@click.option(
    "--unknown",
    type=click.Choice(UNKNOWNS),
    help="Leave more axes unknown than the spec does: batch, the first of each input; all, but the channels of inputs of floats.",
)
@click.option(
    "--onnx",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Run this ONNX file, which is there already. With --trace, and without Paddle, the shapes of its tensors are held against the trace; "
    "with MODULE:FACTORY its outputs against the model's.",
)
@click.option("--trace", metavar="PATH", help="With --onnx: the trace of the export that it was made of.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; what the model prints goes to stderr.")
@options.lang
@click.argument("factory", metavar="[MODULE:FACTORY]", required=False)
def command(
    *,
    factory: str | None,
    dims: tuple[str, ...],
    sizes: tuple[str, ...],
    rtol: float | None,
    atol: float | None,
    engines: tuple[str, ...],
    unknown: Unknown | None,
    file: Path | None,
    trace: str | None,
    as_json: bool,
    lang: str | None,
) -> int:
    """Export a model, run both, and say where they differ.

    FACTORY is a function in MODULE, or in a file (`export.py:build`), that takes nothing and returns the layer and its
    input spec. Exits with 3 where the two differ.
    """
    asked = [sizes_of(text) for text in sizes] or None
    named, of_project = options.dims(dims), settings.find().dims
    os.environ.setdefault("GLOG_minloglevel", "2")  # Paddle's C++ tells of each executor that it starts
    if trace is not None:
        return _shown(_of_file(file, trace, factory, engines, asked, named), as_json)
    if factory is None:
        raise UsageError(said("name MODULE:FACTORY, or give --onnx FILE --trace PATH"))
    if file is not None:
        engines = engines or _USUAL
    with undisturbed(as_json):
        layer, spec = factories.built(factory)
        own = {getattr(one, "name", None) for one in spec} if isinstance(spec, list | tuple) else set()
        claimed = {name: axes for name, axes in of_project.items() if name in own} | named
        if unknown is not None:
            spec = opened(spec, unknown)
        from shapetrace.verify import verify

        with progress.shown() as say:
            result = verify(
                layer,
                spec,
                asked,
                dims=claimed,
                rtol=rtol,
                atol=atol,
                engines=engines,
                onnx=file,
                progress=lambda what: say(worded("verifying {}: {}", factory, what)),
            )
    return _shown(result, as_json)


def _of_file(
    file: Path | None,
    trace: str,
    factory: str | None,
    engines: tuple[str, ...],
    sizes: list[dict[str, int]] | None,
    dims: Dims,
) -> Verification:
    """What comes of an ONNX file that is there already."""
    if file is None or factory is not None:
        raise UsageError(said("--onnx FILE and --trace PATH go together, and without MODULE:FACTORY"))
    from shapetrace.opened import load
    from shapetrace.verify.onnx_runs import verify_file

    with progress.shown() as say:
        return verify_file(
            file,
            load(trace),
            engines or _USUAL,
            sizes,
            dims=dims,
            progress=lambda what: say(worded("verifying {}: {}", file, what)),
        )


def _shown(result: Verification, as_json: bool) -> int:
    """Print what came of it. Returns the exit code."""
    if as_json:
        from shapetrace.reports import json_report
        from shapetrace.verify.document import document

        click.echo(json_report.encode(document(result)), nl=False)
    else:
        click.echo(result.text(), nl=False)
    return 0 if result.ok else DIFFERENT


@contextmanager
def undisturbed(as_json: bool) -> Iterator[None]:
    """What Paddle warns of while it is imported and exports is not shown; what the model prints does not disturb JSON."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module=r"paddle\b")
        if not as_json:
            yield
            return
        with redirect_stdout(sys.stderr):
            yield


def sizes_of(text: str, option: str = "--size") -> dict[str, int]:
    """The sizes in `--size B=2,H=320`.

    Args:
        text: What the option was given.
        option: Which it is.

    Raises:
        UsageError: It cannot be read.
    """
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(name and size.isdigit() for name, _, size in pairs):
        raise UsageError(said("{} {} is not of the form B=2,H=320", option, text))
    return {name: int(size) for name, _, size in pairs}
