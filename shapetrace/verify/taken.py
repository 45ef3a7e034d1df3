"""What is derived from the trace of an export of the sizes it is run at: some off the strides that models have, and those too small for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shapetrace.errors import UsageError
from shapetrace.said import Sentence, said
from shapetrace.sizes import Axis
from shapetrace.sizes import Sizes as Derived
from shapetrace.trace import Trace
from shapetrace.verify import sizes as choosing
from shapetrace.verify.results import written
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
    chosen = dict(usual)
    claimed = choosing.claims_of(specs)
    for axes in _derived(trace, specs):
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


def together(trace: Trace, specs: Sequence[Spec], usual: Sizes) -> Sizes | None:
    """Sizes that go together in the export, for a model that takes none of the usual ones.

    Args:
        trace: Of the export.
        specs: The inputs.
        usual: Sizes that the model refuses. Its batch is kept.

    Returns:
        None where nothing is derived that is not usual.
    """
    found = _found(trace)
    others = choosing.others(specs)
    places = {name: f"{spec.name}[{place}]" for spec in specs for place, name in enumerate(spec.axes) if name in others}
    at = found.at if found is not None else {}
    chosen = {**usual, **{name: at[place] for name, place in places.items() if place in at}}
    return chosen if chosen != usual else None


def emptying(trace: Trace, specs: Sequence[Spec], sizes: Sizes) -> list[Sentence]:
    """The sizes at which a tensor within is empty, each with those that the export takes: Paddle runs such tensors, and engines do not.

    Args:
        trace: Of the export.
        specs: The inputs.
        sizes: Of the unknown dims.
    """
    return [
        said("{} leaves a tensor in the model empty: it takes {}", written({name: sizes[name]}), axis.said)
        for axes in _derived(trace, specs)
        for name, axis in axes.items()
        if sizes[name] not in axis.filled
        and not axis.held  # else other axes may decide
        and axis.filled.values != ()  # else one is empty at every size
    ]


def _found(trace: Trace) -> Derived | None:
    """What is derived; None where nothing is."""
    from shapetrace.sizes import deriving

    try:
        return deriving.of_conversion(trace, deriving.of_forward(trace))
    except UsageError:
        return None


def _derived(trace: Trace, specs: Sequence[Spec]) -> list[dict[str, Axis]]:
    """The unknown dims that are no batch, with what is derived of them; none where nothing is."""
    found = _found(trace)
    try:
        return list(_groups(found, specs)) if found is not None else []
    except UsageError:  # the inputs go by other names there
        return []


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
