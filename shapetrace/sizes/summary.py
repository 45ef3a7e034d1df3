"""What reports say of the sizes that exports take: derived where that is cheap, and where there is something to say."""

from __future__ import annotations

from shapetrace.errors import ShapetraceError
from shapetrace.sizes import deriving
from shapetrace.sizes.deriving import Derivation
from shapetrace.sizes.results import Axis, Sizes
from shapetrace.trace import Trace

_MOST = 50_000
"""Characters of the demands of a trace that a report derives sizes from; those of a detector are ten thousand."""


def of_trace(trace: Trace, *, reasons: bool = True) -> dict[int, Sizes]:
    """The sizes that the exports of a trace take, by the index of the conversion.

    Args:
        trace: The trace. A conversion of which nothing can be derived, or only at length, is left out.
        reasons: Whether to say which ops leave an axis fewer sizes, which takes longer.
    """
    found: dict[int, Sizes] = {}
    left = _MOST
    for number in _finished(trace):
        try:
            derivation = Derivation(trace, number)
            left -= derivation.length
            if left < 0:
                break
            found[number] = derivation.sizes(reasons=reasons)
        except (ShapetraceError, ValueError):  # of a foreign trace: its expressions are none
            continue
    return found


def limited(found: Sizes) -> list[Axis]:
    """The unknown axes that do not take every size, as far as that is decided."""
    return [axis for axis in found.axes if not axis.fixed_by_spec and axis.state in ("constrained", "fixed")]


def telling(found: Sizes) -> bool:
    """Whether there is more to say than that every unknown axis takes every size."""
    return bool(
        limited(found) or found.equal or found.together or any(axis.undecided or axis.remarks for axis in found.axes)
    )


def _finished(trace: Trace) -> list[int]:
    try:
        return deriving.finished(trace)
    except ShapetraceError:
        return []
