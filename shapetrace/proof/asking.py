"""Exports a layer, derives which sizes the export takes, and has them tried out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from shapetrace.claims import Dims
from shapetrace.errors import PaddleMissingError, UsageError
from shapetrace.proof import proving
from shapetrace.sizes import Sizes
from shapetrace.trace import Trace
from shapetrace.verify.dygraph import evaluating, first_line
from shapetrace.verify.pair import Pair


def sizes(
    layer: Any,
    input_spec: Sequence[Any],
    *,
    dims: Dims | None = None,
    prove: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Sizes:
    """Which sizes the export of a layer takes, and the line that says so.

    Args:
        layer: A `paddle.nn.Layer`. It is exported in evaluation mode, into a directory that is deleted, and is as before afterwards.
        input_spec: As `paddle.jit.save` takes it.
        dims: Names for the axes of inputs, as in `watch`; axes of one name are taken to be equal.
        prove: Run the model and the export at the edges of what is derived, in processes of their own.
        progress: Told what is done next, a few words each time.

    Raises:
        UsageError: The layer cannot be exported, or nothing can be derived from its conversion.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace import probing
    from shapetrace.sizes import deriving

    said = progress or (lambda _: None)
    _check_paddle()
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        said("exporting")
        path = f"{directory}/model"
        trace = _watched(layer, path, input_spec, dims)
        number = deriving.of_forward(trace)
        found = deriving.of_conversion(trace, number)
        if not prove:
            return found
        try:
            pair = _pair(layer, path, input_spec, found, said)
        except Exception as error:
            return replace(found, unproven=f"it cannot be run: {first_line(error)}")
        return proving.proven(found, pair)


def exported(layer: Any, input_spec: Sequence[Any], dims: Dims | None = None) -> Trace:
    """The trace of one export of a layer, in evaluation mode, which is deleted.

    Raises:
        UsageError: It cannot be exported.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace import probing

    _check_paddle()
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        return _watched(layer, f"{directory}/model", input_spec, dims)


def _pair(layer: Any, path: str, input_spec: Sequence[Any], found: Sizes, said: Callable[[str], None]) -> Pair:
    import paddle

    loaded = paddle.jit.load(path)
    loaded.eval()
    return proving.paired(layer, loaded, path, input_spec, found, said)


def _watched(layer: Any, path: str, input_spec: Sequence[Any], dims: Dims | None) -> Trace:
    """The trace of one export of a layer to a path.

    Raises:
        UsageError: It cannot be exported.
    """
    import paddle

    from shapetrace.watch import watch

    try:
        with watch(dims=dims) as trace:
            paddle.jit.save(layer, path, input_spec=list(input_spec))
    except Exception as error:
        raise UsageError(
            f"{type(layer).__name__} cannot be exported: {first_line(error)}; `shapetrace run` says why"
        ) from None
    return trace


def _check_paddle() -> None:
    try:
        import paddle  # noqa: F401 - whether it can be
    except ImportError as error:
        raise PaddleMissingError(
            f"Paddle cannot be imported ({error}): install shapetrace[cpu] or shapetrace[gpu]"
        ) from None
