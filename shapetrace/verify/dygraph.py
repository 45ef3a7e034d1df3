"""How a model is run as it stands, unconverted: in evaluation mode, with inputs drawn at random."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shapetrace.patching import Transaction
from shapetrace.verify import sizes as choosing

_SIZE = "im_shape"
"""The input of PaddleDetection's models that holds height and width of the images: boxes and masks are cut to it."""
_TELLING = re.compile(r"\([A-Z]\w+\) |\w+Error: ")


def random_arrays(specs: Sequence[choosing.Spec], sizes: Mapping[str, int], seed: int) -> list[Any]:
    """Inputs for one run, drawn at random. See `verify`."""
    import numpy

    random = numpy.random.default_rng(seed)
    arrays = []
    for spec in specs:
        shape = spec.shape(sizes)
        if spec.dtype.startswith(("float", "bfloat")):
            values = random.standard_normal(shape) if len(shape) > 2 else random.uniform(0.5, 1.5, shape)
            arrays.append(values.astype("float32" if spec.dtype == "bfloat16" else spec.dtype))
        else:
            arrays.append(random.integers(0, 2, shape).astype(spec.dtype))
    images = next((array.shape[-2:] for array in arrays if array.ndim == 4), None)
    for spec, array in zip(specs, arrays, strict=True):
        if spec.name == _SIZE and images is not None and array.shape[1:] == (2,):
            array[:] = images
    return arrays


@contextmanager
def as_dygraph() -> Iterator[None]:
    """What `to_static` has decorated runs as if it had not: else an exported model would be compared with itself."""
    from paddle.jit.dy2static import logging_utils
    from paddle.jit.dy2static.program_translator import ProgramTranslator

    transaction = Transaction()
    with transaction:
        transaction.set(ProgramTranslator(), "enable_to_static", False)
        transaction.set(logging_utils, "warn", lambda *_, **__: None)  # that it runs as if it were not decorated
    try:
        yield
    finally:
        transaction.undo()


@contextmanager
def evaluating(layer: Any) -> Iterator[None]:
    """The layer in evaluation mode; each of its layers is as it was afterwards."""
    before = [(each, each.training) for each in layer.sublayers(include_self=True)]
    layer.eval()
    try:
        yield
    finally:
        for each, training in before:
            each.training = training


def first_line(error: BaseException) -> str:
    """The line of an error of Paddle's that says what is wrong; its reports carry stacks of C++ and Python."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = next((line for line in lines if _TELLING.match(line)), (lines or [""])[0])
    kind = type(error).__name__
    return text if text.startswith(kind) else f"{kind}: {text}"
