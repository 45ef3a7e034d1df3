"""What a model computes in dygraph, op by op, kept small enough for a whole detector.

The functions of `paddle._C_ops` and the operators of `paddle.Tensor` are listened to while the model runs once. Of each
result only a sample is kept, so that two thousand feature maps are some megabytes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from shapetrace.facts import operators
from shapetrace.patching import Transaction

_SAMPLES = 2048  # values kept of a tensor, evenly spaced

_OPERATORS = (
    *(f"__{side}{operator.method}__" for side in ("", "r") for operator in (*operators.ARITHMETIC, operators.MATMUL)),
    *(f"__{operator.method}__" for operator in operators.COMPARISONS),
    *("__neg__", "__abs__", "__getitem__"),
)
"""Operators that Paddle runs in C++, past `_C_ops`."""


@dataclass(frozen=True)
class Sample:
    """What is kept of a tensor."""

    shape: tuple[int, ...]
    values: Any
    """Some of its values as float64 (complex ones as complex128), evenly spaced over the flattened tensor."""


def sample(array: Any) -> Sample:
    """The sample of an array."""
    import numpy

    flat = numpy.asarray(array).reshape(-1)
    step = max(1, -(-flat.size // _SAMPLES))
    wide = "complex128" if flat.dtype.kind == "c" else "float64"
    return Sample(tuple(numpy.shape(array)), flat[::step].astype(wide))


@dataclass
class Heard:
    """What ops took and gave while a model ran once."""

    results: list[Sample] = field(default_factory=list)
    """In order."""
    taken: list[Sample] = field(default_factory=list)
    """Of small tensors only: `paddle.to_tensor` is no op, so constants are heard where an op takes them."""


def heard(function: Callable[[], Any]) -> Heard:
    """Call `function` in dygraph, and tell what all ops that ran took and gave."""
    found = Heard()

    def hear(returned: Any) -> Any:
        found.results.extend(_samples(returned))
        return returned

    with listening(hear, lambda given: found.taken.extend(_samples(given, largest=_SAMPLES))):
        function()
    return found


def _pass_over(given: Sequence[Any]) -> None:
    """What ops take is of no interest."""


@contextmanager
def listening(hear: Callable[[Any], Any], taken: Callable[[Sequence[Any]], None] = _pass_over) -> Iterator[None]:
    """Hand what each op returns in here to `hear`, and return what that returns in its place; tell `taken` of its operands."""
    import paddle

    transaction = Transaction()
    with transaction:
        listener = _Listener(hear, taken)
        for name, op in list(vars(paddle._C_ops).items()):
            if not name.startswith("_") and callable(op):
                transaction.set(paddle._C_ops, name, listener.around(op))
        for name in _OPERATORS:
            if callable(operator := getattr(paddle.Tensor, name, None)):
                transaction.set(paddle.Tensor, name, listener.around(operator))
    try:
        yield
    finally:
        transaction.undo()


class _Listener:
    """Hears outermost calls: an operator may call an op, which is the same step."""

    def __init__(self, hear: Callable[[Any], Any], taken: Callable[[Sequence[Any]], None]) -> None:
        self._hear = hear
        self._taken = taken
        self._inside = False

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function, assigned=("__name__", "__doc__"), updated=())
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return function(*args, **kwargs)
            self._inside = True
            try:
                self._taken(args)
                return self._hear(function(*args, **kwargs))
            finally:
                self._inside = False

        return call


def _samples(returned: Any, largest: float = math.inf) -> list[Sample]:
    """Samples of one tensor or several, without those of more values than `largest`."""
    import paddle

    several: Sequence[Any] = returned if isinstance(returned, list | tuple) else (returned,)
    return [
        sample(each.astype("float32").numpy() if "bfloat16" in str(each.dtype) else each.numpy())
        for each in several
        if isinstance(each, paddle.Tensor) and each._is_initialized() and each.size <= largest
    ]
