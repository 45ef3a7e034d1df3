"""Compares what the model and the exported model returned, output by output."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shapetrace.said import Said, Sentence, said
from shapetrace.verify import tolerance
from shapetrace.verify.eager import Sample
from shapetrace.verify.results import Difference
from shapetrace.verify.tolerance import Noise, Tolerance

_MOST_ROWS = 4000  # rows are matched by comparing all pairs
_MOST_DIGITS = 17
Outputs = Sequence[tuple[str, Any]]


def flatten(outputs: Any, *, values_too: bool = False, name: str = "") -> list[tuple[str, Any]]:
    """The tensors of what a model returned, with their names, in the order in which an export returns them.

    That is by key for a dict (`paddle.utils.flatten`).

    Args:
        outputs: What the model returned.
        values_too: Take Python's numbers and NumPy's arrays as well: what is one in dygraph may be a tensor in an export,
            as `x.shape[0]` and `x.numpy()` are. What is neither does not survive an export.
        name: What the whole is called.
    """
    if isinstance(outputs, Mapping):
        pairs = [(f"{name}.{key}" if name else str(key), outputs[key]) for key in sorted(outputs)]
    elif isinstance(outputs, list | tuple):
        pairs = [(f"{name}[{place}]", value) for place, value in enumerate(outputs)]
    elif hasattr(outputs, "numpy") and hasattr(outputs, "shape"):
        return [(name, outputs)]
    else:
        is_value = isinstance(outputs, numbers.Number) or hasattr(outputs, "__array__")
        return [(name, outputs)] if values_too and is_value else []
    return [tensor for inner, value in pairs for tensor in flatten(value, values_too=values_too, name=inner)]


class Comparison:
    """Compares one run's outputs; remembers the largest difference and which rows came in another order.

    Args:
        rtol: Relative tolerance; see `tolerance.limits`.
        atol: Absolute tolerance.
        again: Runs the model with its ops rounded otherwise (`rounding.runs`); asked where a difference is small enough
            to come of rounding. None to take none for that.
    """

    def __init__(
        self, rtol: Tolerance, atol: Tolerance, again: Callable[[], tuple[Sequence[Any], float]] | None = None
    ) -> None:
        self.rtol = rtol
        self.atol = atol
        self.largest = 0.0
        """The largest difference of any value of an output that is the same."""
        self.reach = 0.0
        """The largest value of the output in which that was seen."""
        self.reordered: list[Sentence] = []
        self.undecided: Sentence = ""
        """Why an output cannot be compared: rounding alone makes another of it. That of the first such output."""
        self._again = again
        self._rounded: tuple[Sequence[Any], float] | None = None

    def first_difference(self, expected: Any, got: Any) -> Difference | None:
        """The first output that is not the same, or None.

        Args:
            expected: What the model returned.
            got: What the export did.
        """
        theirs = flatten(got)
        ours = next(
            (flat for flat in (flatten(expected), flatten(expected, values_too=True)) if len(flat) == len(theirs)),
            None,
        )
        if ours is None:
            ours = flatten(expected)
            names = ", ".join(name or "1" for name, _ in ours)
            differs = said("is {} tensors; the model returns {}: {}", len(theirs), len(ours), names)
            return Difference("", "count", differs)
        for place, ((name, wanted), (_, came)) in enumerate(zip(ours, theirs, strict=True)):
            difference = self._compare(place, name, wanted, came)
            if difference is not None:
                return difference
        return None

    def _compare(self, place: int, name: str, wanted: Any, came: Any) -> Difference | None:
        import numpy

        theirs, other = array(came)
        if isinstance(wanted, numbers.Number):
            ours, dtype = numpy.asarray(wanted), other
        else:
            ours, dtype = array(wanted)
        if not self._same_dtype(dtype, other):
            return Difference(name, "dtype", said("is {}; the model gives {}", other, dtype))
        theirs = self._in_shape(name, ours, theirs)
        if ours.shape != theirs.shape:
            return Difference(name, "shape", _shapes(ours, theirs))
        allowed = self._limits(ours, dtype)
        wrong = _apart(ours, theirs, allowed)
        if wrong.any() and (order := _matching(ours, theirs, allowed)) is not None:
            self.reordered.append(name or said("the output"))
            theirs, wrong = theirs[order], numpy.zeros_like(wrong)
        if wrong.any() and (noise := self._noise(place, ours)) is not None:
            allowed = allowed + noise.allowed()
            wrong = _apart(ours, theirs, allowed)
        if not wrong.any():
            self._note(ours, theirs)
            return None
        others = _others(ours, theirs, allowed)
        if changed := self._changed_by_rounding(place, ours, allowed, others):
            as_much = said(
                "{} differs in {} of {} values, and in {} where the model itself is run with its ops rounded otherwise: "
                "what it selects or sorts hangs on the last digit",
                name or said("the output"),
                others,
                wrong.size,
                changed,
            )
            self.undecided = self.undecided or as_much
            return None
        return Difference(name, "values", _values(ours, theirs, allowed, wrong))

    def _limits(self, ours: Any, dtype: str) -> Any:
        """For each value of an output the difference that is allowed."""
        return tolerance.limits(ours, dtype, self.rtol, self.atol)

    def _same_dtype(self, dtype: str, other: str) -> bool:
        """Whether an output of one dtype may come in another."""
        return dtype == other

    def _in_shape(self, name: str, ours: Any, theirs: Any) -> Any:
        """What came, in the shape in which it is compared."""
        return theirs

    def _noise(self, place: int, ours: Any) -> Noise | None:
        """What rounding does to an output of floats; None where that is not asked for, or cannot be told."""
        if self._again is None or self.rtol is not None or ours.dtype.kind not in "fc":
            return None
        if self._rounded is None:
            self._rounded = self._again()
        arrays = self._rounded_otherwise(place)
        if not arrays or any(each.shape != ours.shape for each in arrays):
            return None  # rounding decides how many there are
        return Noise([_gap(ours, each) for each in arrays], self._rounded[1])

    def _rounded_otherwise(self, place: int) -> list[Any]:
        """An output of the model where its ops are rounded otherwise; nothing where it was not run so."""
        returned = self._rounded[0] if self._rounded is not None else ()
        return [array(flat[place][1])[0] for flat in map(flatten, returned) if place < len(flat)]

    def _changed_by_rounding(self, place: int, ours: Any, allowed: Any, wrong: int) -> int:
        """In how many values the model itself gives something else when its ops are rounded otherwise; 0 where these are not half as many as are wrong."""
        others = [each for each in self._rounded_otherwise(place) if each.shape == ours.shape]
        changed = max((_others(ours, each, allowed) for each in others), default=0)
        return changed if 2 * changed >= wrong else 0

    def _note(self, ours: Any, theirs: Any) -> None:
        import numpy

        gap = _gap(ours, theirs)
        largest = float(gap[numpy.isfinite(gap)].max(initial=0.0))
        if largest > self.largest:
            self.largest = largest
            self.reach = float(tolerance.scales(ours).max(initial=0.0))


def array(tensor: Any) -> tuple[Any, str]:
    """The values of a tensor or an array of NumPy's, floats as float64, and its dtype."""
    dtype = str(tensor.dtype).rpartition(".")[2]
    wide = tensor.astype("float32") if dtype.startswith(("bfloat", "float8")) else tensor
    values = wide.numpy() if hasattr(wide, "numpy") else wide
    return (values.astype("float64") if values.dtype.kind == "f" else values), dtype


def sampled(rtol: Tolerance) -> Callable[[Sample, Sample], bool]:
    """A comparison of samples, with a tolerance that is wider than that of outputs: their order of size is another."""
    import numpy

    relative = 10 * tolerance.of(rtol, tolerance.RTOL, "float32")

    def same(one: Sample, other: Sample) -> bool:
        if one.shape != other.shape:
            return False
        sizes = numpy.abs(one.values[numpy.isfinite(one.values)])
        return not _apart(one.values, other.values, relative * sizes.max(initial=0.0)).any()

    return same


def _gap(ours: Any, theirs: Any) -> Any:
    """How far values lie apart; 0 where both are the same infinity or no number, infinite where one is."""
    import numpy

    with numpy.errstate(invalid="ignore", over="ignore"):
        if ours.dtype.kind in "fc" or theirs.dtype.kind in "fc":
            gap = numpy.abs(theirs - ours)
            equal = (ours == theirs) | (numpy.isnan(ours) & numpy.isnan(theirs))
        else:
            gap = numpy.abs(theirs.astype("float64") - ours.astype("float64"))
            equal = ours == theirs
            gap = numpy.where(~equal & (gap == 0), 1.0, gap)  # int64 beyond what float64 tells apart
    return numpy.where(equal, 0.0, numpy.where(numpy.isnan(gap), numpy.inf, gap))


def _apart(ours: Any, theirs: Any, allowed: Any) -> Any:
    """Where values lie further apart than is allowed."""
    return _gap(ours, theirs) > allowed


def _matching(ours: Any, theirs: Any, allowed: Any) -> Any:
    """The order that makes `theirs` the rows of `ours`, each used once; None if there is none.

    Detections that have the same score may come in any order.
    """
    order: list[int] = []
    for place in _partners(ours, theirs, allowed):
        if place is None:
            return None
        order.append(place)
    return order or None


def _others(ours: Any, theirs: Any, allowed: Any) -> int:
    """How many values are others: those of rows that are nowhere in `theirs`, for one row more moves all that follow."""
    moved = int(_apart(ours, theirs, allowed).sum())
    partners = list(_partners(ours, theirs, allowed))
    return min(moved, partners.count(None) * ours[0].size) if partners else moved


def _partners(ours: Any, theirs: Any, allowed: Any) -> Iterator[int | None]:
    """For each row of `ours` its place in `theirs`, each used once, None where there is none; nothing where there are no rows, or too many."""
    import numpy

    count = len(ours) if 2 <= ours.ndim <= 3 else 0
    if not 0 < count <= _MOST_ROWS:
        return
    one, other, limits = (each.reshape(count, -1) for each in (ours, theirs, allowed))
    free = numpy.ones(count, dtype=bool)
    for place, row in enumerate(one):
        fits = free & ~_apart(row, other, limits[place]).any(axis=1)
        partner = int(numpy.argmax(fits)) if fits.any() else None
        if partner is not None:
            free[partner] = False
        yield partner


def _shapes(ours: Any, theirs: Any) -> Said:
    differs = said("has the shape {}; the model gives {}", [*theirs.shape], [*ours.shape])
    long, other = ([size for size in each.shape if size != 1] for each in (ours, theirs))
    if long == other and not _apart(ours.reshape(-1), theirs.reshape(-1), 0.0).any():
        return said("{}: the same values, with an axis of size 1 more or less", differs)
    return differs


def _values(ours: Any, theirs: Any, allowed: Any, wrong: Any) -> Said:
    import numpy

    gap = _gap(ours, theirs)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        excess = numpy.where(wrong, numpy.where(allowed > 0, gap / allowed, gap), -1.0)
    at = tuple(int(index) for index in numpy.unravel_index(numpy.argmax(excess), gap.shape))
    got, wanted = _digits(theirs[at], ours[at])
    count, most = int(wrong.sum()), said(", most at {}", list(at)) if at else ""
    return said("differs in {} of {} values{}: {}; the model gives {}", count, wrong.size, most, got, wanted)


def _digits(*values: Any) -> list[str]:
    """Values with three digits, or as many as it takes to tell them apart."""
    for digits in range(3, _MOST_DIGITS):
        texts = [f"{value:.{digits}g}" if value.dtype.kind in "fc" else str(value) for value in values]
        if len(set(texts)) == len(texts):
            return texts
    return texts
