"""Exports a layer and derives which sizes the export takes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from shapetrace.claims import Dims
from shapetrace.errors import PaddleMissingError, UsageError
from shapetrace.sizes import Sizes
from shapetrace.trace import Trace
from shapetrace.verify.dygraph import evaluating, first_line


def sizes(
    layer: Any,
    input_spec: Sequence[Any],
    *,
    dims: Dims | None = None,
    progress: Callable[[str], None] | None = None,
) -> Sizes:
    """Which sizes the export of a layer takes, and the line that says so.

    Args:
        layer: A `paddle.nn.Layer`. It is exported in evaluation mode, into a directory that is deleted, and is as before afterwards.
        input_spec: As `paddle.jit.save` takes it.
        dims: Names for the axes of inputs, as in `watch`; axes of one name are taken to be equal.
        progress: Told what is done next, a few words each time.

    Raises:
        UsageError: The layer cannot be exported, or nothing can be derived from its conversion.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace.sizes.deriving import derived

    said = progress or (lambda _: None)
    said("exporting")
    return _of_forward(derived(watched(layer, input_spec, dims)))


def _of_forward(found: Sequence[Sizes]) -> Sizes:
    """The sizes of `forward`, where several functions of the layer were exported."""
    return next((each for each in found if each.function.endswith("forward")), found[-1])


def watched(layer: Any, input_spec: Sequence[Any], dims: Dims | None) -> Trace:
    """The trace of one export of a layer.

    Raises:
        UsageError: It cannot be exported.
        PaddleMissingError: Paddle is not installed.
    """
    try:
        import paddle
    except ImportError as error:
        raise PaddleMissingError(
            f"Paddle cannot be imported ({error}): install shapetrace[cpu] or shapetrace[gpu]"
        ) from None
    from shapetrace import probing
    from shapetrace.watch import watch

    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        try:
            with watch(dims=dims) as trace:
                paddle.jit.save(layer, f"{directory}/model", input_spec=list(input_spec))
        except Exception as error:
            raise UsageError(
                f"{type(layer).__name__} cannot be exported: {first_line(error)}; `shapetrace run` says why"
            ) from None
    return trace
