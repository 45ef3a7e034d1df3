"""Compares what the model and the exported model returned, output by output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shapetrace.verify.eager import Sample
from shapetrace.verify.results import Difference

RTOL: Mapping[str, float] = {"float64": 1e-7, "float32": 1e-4, "float16": 1e-2, "bfloat16": 2e-2}
ATOL: Mapping[str, float] = {"float64": 1e-9, "float32": 1e-5, "float16": 1e-3, "bfloat16": 1e-2}
"""What two runs of the same computation may differ by, by dtype: the order of additions is not promised. Integers and
truth values must be equal."""

Tolerance = float | Mapping[str, float] | None
_MOST_ROWS = 4000  # rows are matched by comparing all pairs


def flatten(outputs: Any, name: str = "") -> list[tuple[str, Any]]:
    """The tensors of what a model returned, with their names, in the order in which an export returns them.

    That is by key for a dict (`paddle.utils.flatten`). What is no tensor does not survive an export.
    """
    if isinstance(outputs, Mapping):
        pairs = [(f"{name}.{key}" if name else str(key), outputs[key]) for key in sorted(outputs)]
    elif isinstance(outputs, list | tuple):
        pairs = [(f"{name}[{place}]", value) for place, value in enumerate(outputs)]
    else:
        return [(name, outputs)] if hasattr(outputs, "numpy") and hasattr(outputs, "shape") else []
    return [tensor for inner, value in pairs for tensor in flatten(value, inner)]


class Comparison:
    """Compares one run's outputs; remembers the largest difference and which rows came in another order."""

    def __init__(self, rtol: Tolerance, atol: Tolerance) -> None:
        self.rtol = rtol
        self.atol = atol
        self.largest = 0.0
        self.reordered: list[str] = []

    def first_difference(
        self, expected: Sequence[tuple[str, Any]], got: Sequence[tuple[str, Any]]
    ) -> Difference | None:
        """The first output that is not the same, or None."""
        if len(expected) != len(got):
            names = ", ".join(name or "1" for name, _ in expected)
            return Difference("", "count", f"is {len(got)} tensors; the model returns {len(expected)}: {names}")
        for (name, wanted), (_, came) in zip(expected, got, strict=True):
            difference = self._compare(name, wanted, came)
            if difference is not None:
                return difference
        return None

    def _compare(self, name: str, wanted: Any, came: Any) -> Difference | None:
        import numpy

        dtype, other = (str(each.dtype).rpartition(".")[2] for each in (wanted, came))
        if dtype != other:
            return Difference(name, "dtype", f"is {other}; the model gives {dtype}")
        wide = "float64" if dtype.startswith(("float", "bfloat")) else None
        ours, theirs = ((each.astype(wide) if wide else each).numpy() for each in (wanted, came))
        if ours.shape != theirs.shape:
            return Difference(name, "shape", f"has the shape {[*theirs.shape]}; the model gives {[*ours.shape]}")
        if ours.size == 0:
            return None
        relative, absolute = _of(self.rtol, RTOL, dtype), _of(self.atol, ATOL, dtype)
        if numpy.allclose(theirs, ours, rtol=relative, atol=absolute, equal_nan=True):
            self._note(ours, theirs)
            return None
        if 2 <= ours.ndim <= 3 and (order := _matching(ours, theirs, relative, absolute)) is not None:
            self._note(ours, theirs[order])
            self.reordered.append(name or "the output")
            return None
        gap = numpy.abs(ours.astype("float64") - theirs.astype("float64"))
        wrong = ~numpy.isclose(theirs, ours, rtol=relative, atol=absolute, equal_nan=True)
        at = tuple(int(index) for index in numpy.unravel_index(numpy.argmax(numpy.where(wrong, gap, -1)), gap.shape))
        return Difference(
            name,
            "values",
            f"differs in {int(wrong.sum())} of {wrong.size} values, most at {list(at)}: {theirs[at]}; the model gives "
            f"{ours[at]}",
        )

    def _note(self, ours: Any, theirs: Any) -> None:
        import numpy

        gap = numpy.abs(ours.astype("float64") - theirs.astype("float64"))
        finite = gap[numpy.isfinite(gap)]
        self.largest = max(self.largest, float(finite.max()) if finite.size else 0.0)


def sampled(rtol: Tolerance, atol: Tolerance) -> Callable[[Sample, Sample], bool]:
    """A comparison of samples, with tolerances that are wider than those of outputs: values here may be large."""
    import numpy

    relative, absolute = 10 * _of(rtol, RTOL, "float32"), 10 * _of(atol, ATOL, "float32")

    def same(one: Sample, other: Sample) -> bool:
        return one.shape == other.shape and bool(
            numpy.allclose(other.values, one.values, rtol=relative, atol=absolute, equal_nan=True)
        )

    return same


def _matching(ours: Any, theirs: Any, rtol: float, atol: float) -> Any:
    """The order that makes `theirs` the rows of `ours`, each used once; None if there is none.

    Detections that have the same score may come in any order.
    """
    import numpy

    count = len(ours)
    if count > _MOST_ROWS:
        return None
    one, other = ours.reshape(count, -1), theirs.reshape(count, -1)
    free = numpy.ones(count, dtype=bool)
    order = numpy.empty(count, dtype=int)
    for place, row in enumerate(one):
        fits = free & numpy.isclose(other, row, rtol=rtol, atol=atol, equal_nan=True).all(axis=1)
        if not fits.any():
            return None
        order[place] = int(numpy.argmax(fits))
        free[order[place]] = False
    return order


def _of(given: Tolerance, usual: Mapping[str, float], dtype: str) -> float:
    if given is None:
        return usual.get(dtype, 0.0)
    return given.get(dtype, usual.get(dtype, 0.0)) if isinstance(given, Mapping) else float(given)
