"""Which sizes the unknown axes of the inputs take, run by run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shapetrace import claims
from shapetrace.claims import Claim, Dims
from shapetrace.errors import UsageError
from shapetrace.said import listed, said

BATCH = "batch"
"""What unnamed unknown first axes are called: they are taken to be one batch, since models join their inputs."""

_BATCHES = (1, 2, 5)
_OTHERS = (64, 96, 128)  # multiples of 32, which the strides of image models divide
_LARGER = (320, 416, 512)  # the same, for models that want more
_OFF = (
    5  # what is added to those for a run off the stride: 1 more than a multiple of 4, which rounding up does not hide
)
_STRIDE = 32

Sizes = Mapping[str, int]
"""The size of each unknown dim, by its name."""


@dataclass(frozen=True)
class Spec:
    """One input: its name, and for each axis the size, or the name of the unknown dim."""

    name: str
    axes: tuple[int | str, ...]
    dtype: str
    claims: Mapping[str, Claim] = field(default_factory=dict)
    """What is claimed of the sizes of its unknown dims, by name; a dim without an entry may have any."""

    def shape(self, sizes: Mapping[str, int]) -> list[int]:
        """Its shape with these sizes of the unknown dims."""
        return [sizes[axis] if isinstance(axis, str) else axis for axis in self.axes]


def specs(flat: Sequence[Any], dims: Dims | None) -> list[Spec]:
    """Name the unknown axes of the inputs.

    Args:
        flat: InputSpecs, or tensors that stand for them. What is neither is a constant, and no input.
        dims: Names for the axes, `{"image": ("B", 3, "H", "W")}`. What is not named here is called `batch` if it is a
            first axis, and else after its place, `image[2]`. What else an entry may be is in `shapetrace.claims`.

    Raises:
        UsageError: `dims` names an input that is not there, or has another number of axes; or it cannot be read.
    """
    of_names = claims.by_name(dims)
    dims = dict(dims or {})
    found = []
    for position, given in enumerate(flat):
        if not is_input(given):
            continue
        name = getattr(given, "name", None) or f"input{position}"
        names = dims.pop(name, None)
        if names is not None and len(names) != len(given.shape):
            raise UsageError(
                said("dims name {} axes of the input {}, which has {}", len(names), repr(name), len(given.shape))
            )
        axes: list[int | str] = []
        known: dict[str, Claim] = {}
        for axis, size in enumerate(given.shape):
            claim = claims.read(names[axis]) if names is not None else Claim()
            if isinstance(size, int) and size >= 0:
                axes.append(size)
                continue
            called = claim.name or (BATCH if axis == 0 else f"{name}[{axis}]")
            axes.append(called)
            if claim.bounded:
                known[called] = of_names.get(called, claim)
        found.append(Spec(name, tuple(axes), str(given.dtype).rpartition(".")[2].lower(), known))
    if dims:
        raise UsageError(
            said("dims name the input {}; there are {}", repr(next(iter(dims))), ", ".join(each.name for each in found))
        )
    return found


def is_input(given: Any) -> bool:
    """Whether an element of an input spec stands for a tensor."""
    return hasattr(given, "shape") and hasattr(given, "dtype")


def filled(input_spec: list[Any], tensors: Iterable[Any]) -> list[Any]:
    """An input spec with a tensor in the place of each element that stands for one."""
    import paddle

    following = iter(tensors)
    flat = [next(following) if is_input(each) else each for each in paddle.utils.flatten(input_spec)]
    packed: list[Any] = paddle.utils.pack_sequence_as(input_spec, flat)
    return packed


def choose(
    inputs: Sequence[Spec], sizes: Sequence[Mapping[str, int]] | None, *, larger: bool = False
) -> list[dict[str, int]]:
    """The sizes of every unknown dim for each run; one run without any where nothing is unknown.

    Args:
        inputs: The inputs.
        sizes: What the user asked for; dims left out get the usual sizes. None for the usual runs.
        larger: Have the usual sizes of other axes than the batch be large.

    Raises:
        UsageError: A name is none of the unknown dims, or a size is no positive int, or not as `dims` claim.
    """
    names = unknown(inputs)
    first = firsts(inputs)
    far = _LARGER if larger else _OTHERS
    claimed = claims_of(inputs)
    fitting = {name: claimed.get(name, Claim()).near(_BATCHES if name in first else far) for name in names}
    usual = [
        {name: fitting[name][run if name in first else (run + place) % len(far)] for place, name in enumerate(names)}
        for run in range(len(_BATCHES))
    ]
    if not names:
        usual = [{}]
    if sizes is None:
        return usual
    if not sizes:
        raise UsageError(said("sizes is empty: give at least one mapping from the name of a dim to its size"))
    chosen = []
    for run, given in enumerate(sizes):
        for name, size in given.items():
            if name not in names:
                raise UsageError(said("sizes name the dim {}; the unknown ones are: {}", repr(name), listed(names)))
            if not isinstance(size, int) or isinstance(size, bool) or size < 1:
                raise UsageError(said("the size of {} is {}; it is a positive int", repr(name), repr(size)))
            if name in claimed and not claimed[name].admits(size):
                raise UsageError(said("the size of {} is {}, and dims say {}", repr(name), size, claimed[name]))
        chosen.append({**usual[run % len(usual)], **given})
    return chosen


def unknown(inputs: Sequence[Spec]) -> tuple[str, ...]:
    """The unknown dims, in order."""
    return tuple(dict.fromkeys(axis for each in inputs for axis in each.axes if isinstance(axis, str)))


def firsts(inputs: Sequence[Spec]) -> set[str]:
    """The unknown dims that are the first axis of an input: batches."""
    return {each.axes[0] for each in inputs if each.axes and isinstance(each.axes[0], str)}


def others(inputs: Sequence[Spec]) -> tuple[str, ...]:
    """The unknown dims that are no batch."""
    batches = firsts(inputs)
    return tuple(name for name in unknown(inputs) if name not in batches)


def off_stride(inputs: Sequence[Spec], usual: Sizes, groups: Sequence[Sequence[str]] = ()) -> Sizes | None:
    """Sizes like the usual ones, with every other axis than the batch off the strides that models have.

    Args:
        inputs: The inputs.
        usual: Sizes that the model takes.
        groups: Dims that are equal.

    Returns:
        None where there is no such axis, or none that may have such a size.
    """
    claimed = claims_of(inputs)
    chosen = dict(usual)
    for number, name in enumerate(others(inputs)):
        claim = claimed.get(name, Claim())
        first = usual[name] + _OFF + 4 * number
        near = claim.near(range(first, first + 4 * max(claim.step, 2), max(claim.step, 2)))
        chosen[name] = next((size for size in near if size % _STRIDE), usual[name])
    for group in groups:
        lead = next((name for name in group if name in others(inputs)), group[0])
        chosen |= dict.fromkeys(group, chosen[lead])
    return chosen if any(chosen[name] % _STRIDE for name in others(inputs)) else None


def ends(inputs: Sequence[Spec], usual: Sizes) -> list[dict[str, int]]:
    """The sizes at both ends of all ranges that are claimed, the other dims as they are; none where no range is.

    Args:
        inputs: The inputs.
        usual: Sizes that the model takes.
    """
    ranges = [(name, claim.first, claim.last) for name, claim in claims_of(inputs).items() if claim.last is not None]
    low = {name: first for name, first, _ in ranges}
    high = {name: last for name, _, last in ranges if last is not None}
    return [{**usual, **end} for end in (low, high) if end and {**usual, **end} != usual]


def claims_of(inputs: Sequence[Spec]) -> dict[str, Claim]:
    """What is claimed of the sizes of unknown dims, by their names."""
    return {name: claim for each in inputs for name, claim in each.claims.items()}
