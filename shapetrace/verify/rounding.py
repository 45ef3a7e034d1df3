"""Runs a model in dygraph with every op rounded otherwise, to see what rounding alone does to its outputs.

That is Monte Carlo arithmetic: each float that an op returns is moved by one unit in its last place, up or down at random.
An output that is the difference of two large values moves as much as two orders of addition would move it; one
that is merely small hardly moves at all. Whole numbers stay, since `floor` and masks mean them exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shapetrace.verify import eager

_RUNS = 2
_UNITS = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10}


def runs(function: Callable[[], Any]) -> tuple[list[Any], float]:
    """Call `function` with its ops rounded at random.

    Args:
        function: Runs the model.

    Returns:
        What it returned, a few times, and the largest value that any op gave and that was rounded.
    """
    returned = []
    largest = 0.0
    for seed in range(_RUNS):
        rounding = _Rounding(seed)
        with eager.listening(rounding.otherwise):
            returned.append(function())
        largest = max(largest, rounding.largest)
    return returned, largest


class _Rounding:
    """Rounds results of ops; remembers the largest."""

    def __init__(self, seed: int) -> None:
        import numpy

        self.largest = 0.0
        self._random = numpy.random.default_rng(seed)

    def otherwise(self, returned: Any) -> Any:
        """The results of one op, with their last digits moved."""
        if isinstance(returned, list | tuple):
            several = [self.otherwise(each) for each in returned]
            return several if isinstance(returned, list) else tuple(several)
        import paddle

        unit = _UNITS.get(str(getattr(returned, "dtype", "")).rpartition(".")[2])
        if unit is None or not isinstance(returned, paddle.Tensor) or not returned._is_initialized():
            return returned
        import numpy

        values = returned.numpy()
        rounded = values != numpy.rint(values)
        if not rounded.any():
            return returned
        with numpy.errstate(invalid="ignore"):  # an infinity is not rounded, and times 0 is no number
            self.largest = max(self.largest, float(numpy.fmax.reduce(numpy.abs(values) * rounded, axis=None)))
        moved = _moved(values, rounded, unit, self._random)
        return paddle.to_tensor(moved, place=returned.place)


def _moved(values: Any, where: Any, unit: float, random: Any) -> Any:
    """Values times 1 + `unit` or 1 - `unit`, at random, where that is asked for.

    All of it in products of whole arrays: a choice by a mask takes ten times as long, and the feature maps of a detector are 500 million values.
    """
    import numpy

    octets = numpy.frombuffer(random.bytes(-(-values.size // 8)), "uint8")
    factors = numpy.unpackbits(octets, count=values.size).reshape(values.shape).astype(values.dtype)
    factors *= 2 * unit
    factors -= unit
    factors *= where
    factors += 1
    factors *= values
    return factors
