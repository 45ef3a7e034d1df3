"""Exports a layer into a directory of its own, and runs both it and the export at each choice of sizes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shapetrace.errors import UsageError
from shapetrace.verify import comparing
from shapetrace.verify import sizes as choosing
from shapetrace.verify.results import Run, Verification

_TELLING = re.compile(r"\([A-Z]\w+\) |\w+Error: ")
Inputs = Callable[[Mapping[str, int]], Sequence[Any]]


def verify(
    layer: Any,
    input_spec: Sequence[Any],
    sizes: Sequence[Mapping[str, int]] | None = None,
    *,
    dims: Mapping[str, Sequence[str | int]] | None = None,
    rtol: comparing.Tolerance = None,
    atol: comparing.Tolerance = None,
    inputs: Inputs | None = None,
    exported: str | Path | None = None,
    seed: int = 0,
) -> Verification:
    """Compare a model with its export, in evaluation mode, at several sizes of the unknown axes.

    Args:
        layer: A `paddle.nn.Layer`. Its training flags, Paddle's random numbers and its names are as before afterwards.
        input_spec: As `paddle.jit.save` takes it; lists and dicts of InputSpecs may nest.
        sizes: For each run, sizes by the name of the dim: `[{"batch": 1}, {"batch": 4, "image[2]": 320}]`. Dims left
            out get usual sizes. None for three usual runs (batch 1, 2 and 5; 64 to 128 for other axes).
        dims: Names for the axes of inputs, `{"image": ("B", 3, "H", "W")}`; equal names get equal sizes. Unnamed
            unknown first axes are one dim, `batch`.
        rtol: Relative tolerance: one number, or numbers by dtype; None for `comparing.RTOL`.
        atol: Absolute tolerance, alike.
        inputs: Makes the inputs for a run from its sizes: arrays in the order of the spec, flattened. None for random
            ones, normally distributed; 0 or 1 for integers.
        exported: Path of an export of this layer, as given to `paddle.jit.save`; None to export it now. The export is
            made with whatever remedies are applied while this runs.
        seed: Of the random inputs.

    Returns:
        The result. A difference, a failing export and a failing run are results too.

    Raises:
        UsageError: `sizes` or `dims` do not fit the spec, or `inputs` gives the wrong number of arrays.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace.remedies import probing

    paddle = _paddle()
    flat = paddle.utils.flatten(list(input_spec))
    specs = choosing.specs(flat, dims)
    chosen = choosing.choose(specs, sizes)
    result = Verification(type(layer).__name__)
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), _evaluating(layer):
        path = str(exported) if exported is not None else f"{directory}/model"
        try:
            if exported is None:
                paddle.jit.save(layer, path, input_spec=list(input_spec))
            loaded = paddle.jit.load(path)
        except Exception as error:
            result.refused = _first_line(error)
            return result
        loaded.eval()
        for number, sizes_of_run in enumerate(chosen):
            arrays = _arrays(specs, sizes_of_run, seed + number) if inputs is None else list(inputs(sizes_of_run))
            if len(arrays) != len(specs):
                raise UsageError(f"inputs gave {len(arrays)} arrays; the spec has {len(specs)} inputs")
            tensors = [paddle.to_tensor(array) for array in arrays]
            nested = paddle.utils.pack_sequence_as(list(input_spec), tensors)
            result.runs.append(_run(layer, loaded, path, nested, tensors, input_spec, sizes_of_run, (rtol, atol)))
    return result


def _run(
    layer: Any,
    loaded: Any,
    path: str,
    nested: Sequence[Any],
    tensors: Sequence[Any],
    input_spec: Sequence[Any],
    sizes: Mapping[str, int],
    tolerances: tuple[comparing.Tolerance, comparing.Tolerance],
) -> Run:
    import paddle

    with paddle.no_grad():
        try:
            expected = layer(*nested)
        except Exception as error:
            return Run(sizes, skipped=_first_line(error))
        try:
            got = loaded(*tensors)
        except Exception as error:
            from shapetrace.verify import locating

            return Run(sizes, failure=locating.locate(layer, path, tensors, input_spec, _first_line(error)))
    comparison = comparing.Comparison(*tolerances)
    difference = comparison.first_difference(comparing.flatten(expected), comparing.flatten(got))
    return Run(sizes, difference, None, "", comparison.largest, tuple(comparison.reordered))


def _arrays(specs: Sequence[choosing.Spec], sizes: Mapping[str, int], seed: int) -> list[Any]:
    import numpy

    random = numpy.random.default_rng(seed)
    arrays = []
    for spec in specs:
        shape = spec.shape(sizes)
        if spec.dtype.startswith(("float", "bfloat")):
            arrays.append(random.standard_normal(shape).astype("float32" if spec.dtype == "bfloat16" else spec.dtype))
        else:
            arrays.append(random.integers(0, 2, shape).astype(spec.dtype))
    return arrays


@contextmanager
def _evaluating(layer: Any) -> Iterator[None]:
    """The layer in evaluation mode; each of its layers is as it was afterwards."""
    before = [(each, each.training) for each in layer.sublayers(include_self=True)]
    layer.eval()
    try:
        yield
    finally:
        for each, training in before:
            each.training = training


def _first_line(error: BaseException) -> str:
    """The line of an error of Paddle's that says what is wrong; its reports carry stacks of C++ and Python."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = next((line for line in lines if _TELLING.match(line)), (lines or [""])[0])
    kind = type(error).__name__
    return text if text.startswith(kind) else f"{kind}: {text}"


def _paddle() -> Any:
    try:
        import paddle
    except ImportError as error:
        from shapetrace.errors import PaddleMissingError

        raise PaddleMissingError(
            f"Paddle cannot be imported ({error}): install shapetrace[cpu] or shapetrace[gpu]"
        ) from None
    return paddle
