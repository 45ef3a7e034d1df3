"""How far two values of an output may lie apart and still be the same.

The order of additions is not promised, so equal computations differ by rounding. Rounding follows the size of what was
added, so a tolerance follows the size of the values: of the whole output, or of the row, column or channel where those
are of other sizes. A number fixed in advance would take everything in an output of small values for the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RTOL: Mapping[str, float] = {
    "float64": 1e-7,
    "float32": 1e-4,
    "float16": 1e-2,
    "bfloat16": 2e-2,
    "complex64": 1e-4,
    "complex128": 1e-7,
}
"""What two runs of the same computation may differ by, by dtype, as a part of the largest value. Integers and truth
values must be equal."""

SERVED = (1e-3, 1e-4)
"""What another engine may differ by in float32: a part of the value itself, and a part of the largest value of the output. It adds up in
another order, and fuses ops."""

Tolerance = float | Mapping[str, float] | None

_ROUNDINGS = 16  # times the noise that was measured, since it was measured in few runs
_CANCELLED = 1e-5  # of the largest value inside the model: more than this is never put down to rounding


@dataclass(frozen=True)
class Noise:
    """What rounding does to one output, measured by rounding otherwise (`rounding.py`)."""

    gaps: Sequence[Any]
    """Differences of each such run, as arrays of the output's shape."""
    largest: float
    """The largest value that the model computed on the way."""

    def allowed(self) -> Any:
        """For each value, the difference that is put down to rounding: an array of the output's shape."""
        import numpy

        worst = numpy.max([scales(gap) for gap in self.gaps], axis=0)
        return numpy.minimum(_ROUNDINGS * worst, _CANCELLED * self.largest)


def scales(values: Any) -> Any:
    """For each value of an array the largest absolute one among those it is compared with.

    These are the slices along each axis that it lies in, the one with the smallest maximum: in boxes with scores the
    scores count for themselves, in a feature map each channel does. Slices of a single value say nothing.

    Args:
        values: An array; what is not finite does not count.

    Returns:
        An array of the same shape.
    """
    import numpy

    sizes = numpy.abs(values)
    sizes = numpy.where(numpy.isfinite(sizes), sizes, 0.0)
    result = numpy.full(sizes.shape, sizes.max(initial=0.0))
    for axis in range(sizes.ndim):
        if sizes.shape[axis] > 1 and sizes.size > sizes.shape[axis]:
            others = tuple(each for each in range(sizes.ndim) if each != axis)
            result = numpy.minimum(result, sizes.max(axis=others, keepdims=True))
    return result


def limits(expected: Any, dtype: str, rtol: Tolerance, atol: Tolerance) -> Any:
    """For each value the difference that is allowed.

    Args:
        expected: What the model gave, as an array.
        dtype: Of the output.
        rtol: Relative to `scales`: a number, or numbers by dtype; None for `RTOL`.
        atol: Added to it; None for nothing.
    """
    return of(rtol, RTOL, dtype) * scales(expected) + of(atol, {}, dtype)


def served(expected: Any, dtype: str) -> Any:
    """For each value the difference that an engine other than `jit.load` is allowed.

    Args:
        expected: What the model gave, as an array.
        dtype: Of the output; floats of fewer digits are allowed more, and others nothing.
    """
    import numpy

    if dtype not in RTOL:
        return numpy.zeros(expected.shape)
    coarser = max(1.0, RTOL[dtype] / RTOL["float32"])
    own, largest = (coarser * part for part in SERVED)
    sizes = numpy.abs(expected)
    sizes = numpy.where(numpy.isfinite(sizes), sizes, 0.0)
    subnormal = numpy.finfo(
        "float64" if dtype in ("float64", "complex128") else "float32"
    ).tiny  # which an engine may round to 0
    return own * sizes + largest * sizes.max(initial=0.0) + subnormal


def fit_alike(expected: Any, came: Any) -> bool:
    """Whether an array that an engine computed can take the place of the one it should be: its shape counts, and the value of integers, which sizes are."""
    import numpy

    if expected.dtype.kind in "iu":
        return bool(numpy.array_equal(expected.reshape(-1), came.reshape(-1)))
    return [size for size in expected.shape if size != 1] == [size for size in came.shape if size != 1]


def served_alike(expected: Any, came: Any) -> bool:
    """Whether an array that an engine computed is the one it should be; an axis of size 1 more or less does not count."""
    import numpy

    if not fit_alike(expected, came):
        return False
    if expected.dtype.kind not in "fc":
        return bool(numpy.array_equal(expected.reshape(-1), came.reshape(-1)))
    one, other = (
        each.astype("float64" if each.dtype.kind == "f" else each.dtype).reshape(-1) for each in (expected, came)
    )
    alike = (one == other) | (numpy.isnan(one) & numpy.isnan(other))
    with numpy.errstate(invalid="ignore"):
        return bool((alike | (numpy.abs(one - other) <= served(one, str(expected.dtype)))).all())


def ranked_alike(expected: Any, came: Any) -> bool:
    """Whether an array that an engine computed has the shape of the one it should be; a single number may come as `[1]`."""
    return expected.shape == came.shape or (not expected.shape and came.shape == (1,))


def of(tolerance: Tolerance, usual: Mapping[str, float], dtype: str) -> float:
    """The number that a tolerance is for a dtype. One number for all is meant for floats."""
    if isinstance(tolerance, Mapping):
        return tolerance.get(dtype, usual.get(dtype, 0.0))
    return usual.get(dtype, 0.0) if tolerance is None or dtype.startswith(("int", "uint", "bool")) else float(tolerance)
