"""Sizes off the strides that models have, among those that are derived from the trace of the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shapetrace.errors import UsageError
from shapetrace.sizes import Axis
from shapetrace.sizes import Sizes as Derived
from shapetrace.trace import Trace
from shapetrace.verify import sizes as choosing
from shapetrace.verify.sizes import Sizes, Spec

_FAR = 64
"""How far from the usual size one is looked for."""
_STRIDE = 32


def off_stride(trace: Trace, specs: Sequence[Spec], usual: Sizes) -> Sizes | None:
    """Sizes near the usual ones that the export should take, no multiples of 32 where that is allowed.

    Args:
        trace: Of the export.
        specs: The inputs.
        usual: Sizes that the model takes.

    Returns:
        None where nothing is derived, or where every size that is taken is a multiple of 32.
    """
    from shapetrace.sizes import deriving

    try:
        found = deriving.of_conversion(trace, deriving.of_forward(trace))
        groups = list(_groups(found, specs))
    except UsageError:  # nothing is derived, or the inputs go by other names there
        return None
    chosen = dict(usual)
    claimed = choosing.claims_of(specs)
    for axes in groups:
        names, first = list(axes), usual[next(iter(axes))]
        taken = (
            size
            for size in range(first + 1, first + _FAR)
            if size % _STRIDE
            and all(size in axis.pattern for axis in axes.values())
            and all(claimed[name].admits(size) for name in names if name in claimed)
        )
        chosen |= dict.fromkeys(names, next(taken, first))
    return chosen if chosen != usual else None


def _groups(found: Derived, specs: Sequence[Spec]) -> Iterator[dict[str, Axis]]:
    """The unknown dims that are no batch, those together that are equal, each with what is derived of it."""
    others = choosing.others(specs)
    groups: dict[tuple[str, ...], dict[str, Axis]] = {}
    for spec in specs:
        for place, name in enumerate(spec.axes):
            if isinstance(name, str) and name in others:
                axis = found.axis(f"{spec.name}[{place}]")
                groups.setdefault(found.together_with(axis), {})[name] = axis
    yield from groups.values()
