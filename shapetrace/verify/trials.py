"""Finds out which sizes a model takes, by running it as it stands where the usual ones fail.

Two things are looked for: unknown dims that must be equal, as the length of a sentence and of its mask, and dims that must be
multiples of a number, as the height of an image that is halved and doubled again. Both are said as the `--dim` that claims
them. This is what a few runs have shown, no proof.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shapetrace.said import Sentence, joined, said
from shapetrace.verify import sizes as choosing
from shapetrace.verify.sizes import Sizes, Spec

_MOST = 40  # runs of the model
_STEPS = (2, 4, 8, 16, 32)
_SQUARES = (224, 640)  # what image models that take one size only were most often made for
_OF_IMAGES = 4  # the rank of images
_LETTERS = "NMKL"
_IMAGES = {(4, 2): "H", (4, 3): "W"}  # what axes of images are called, by rank and axis

Refusal = Callable[[Sizes], str]
"""Runs the model at sizes: what it raises, or nothing."""
Groups = tuple[tuple[str, ...], ...]


@dataclass
class Trials:
    """Runs a model at sizes, each of them once, and not without end.

    Args:
        specs: The inputs.
        refusal: Runs the model.
    """

    specs: Sequence[Spec]
    refusal: Refusal
    tried: dict[tuple[tuple[str, int], ...], bool] = field(default_factory=dict)

    def works(self, sizes: Sizes) -> bool:
        """Whether the model takes these sizes; no where too much has been tried already."""
        key = tuple(sorted(sizes.items()))
        if key not in self.tried:
            self.tried[key] = len(self.tried) < _MOST and not self.refusal(sizes)
        return self.tried[key]

    def fitting(self) -> tuple[Sequence[Sizes], Groups]:
        """Sizes that the model takes where it refuses the usual ones, and which dims it wants equal.

        Returns:
            Sizes for each run, none where nothing was found; and the dims that must be equal, in groups.
        """
        for runs, equal in self._attempts():
            if not all(map(self.admits, runs)):
                continue
            working = next(filter(self.works, runs[:2]), None)
            if working is not None:
                return runs, self._groups(equal, working)
        return [], ()

    def admits(self, sizes: Sizes) -> bool:
        """Whether sizes are as the user claims."""
        claimed = choosing.claims_of(self.specs)
        return all(claimed[dim].admits(size) for dim, size in sizes.items() if dim in claimed)

    def _attempts(self) -> Iterator[tuple[Sequence[Sizes], tuple[str, ...]]]:
        """Sizes to try, and the dims that are equal in them."""
        by_place = _by_place(self.specs)
        others = choosing.others(self.specs)
        alike = tuple(dim for dims in by_place for dim in dims)
        for larger in (False, True):
            usual = choosing.choose(self.specs, None, larger=larger)
            yield usual, ()
            if alike:
                yield [_equalled(sizes, by_place) for sizes in usual], alike
            if len(others) > 1:
                yield [_equalled(sizes, [others]) for sizes in usual], others
        for size in _SQUARES if others else ():
            yield [{**sizes, **dict.fromkeys(others, size)} for sizes in usual], ()
        everything = choosing.unknown(self.specs)
        flat = all(
            len(spec.axes) < _OF_IMAGES for spec in self.specs
        )  # a batch of 128 images takes minutes, and is no square
        if flat and len(everything) > len(others) > 0:  # a square, such as which of them are neighbours
            yield [_equalled(sizes, [everything[::-1]]) for sizes in choosing.choose(self.specs, None)], everything

    def _groups(self, equal: Sequence[str], working: Sizes) -> Groups:
        """Which of the dims that were equal must be: those that cannot be changed alone."""
        bound = [dim for dim in equal if self._refuses(_changed(working, [dim]))]
        groups: list[tuple[str, ...]] = []
        while bound:
            first, *rest = bound
            pair = next((one for one in rest if len(rest) > 1 and self.works(_changed(working, [first, one]))), None)
            group = (first, pair) if pair is not None else (first, *rest)
            bound = [dim for dim in bound if dim not in group]
            if len(group) > 1:
                groups.append(group)
        return tuple(groups)

    def _refuses(self, sizes: Sizes) -> bool:
        """Whether the model refuses sizes that it may be given."""
        return self.admits(sizes) and not self.works(sizes)

    def steps(self, refused: Sizes, working: Sizes, groups: Groups) -> dict[str, int]:
        """For each dim the smallest step that the model takes, where it does not take every size.

        Args:
            refused: Sizes off the stride, which the model refuses.
            working: Sizes that it takes.
            groups: Dims that must be equal.
        """
        steps: dict[str, int] = {}
        for dims in _together(refused, groups):
            base = working[dims[0]]
            if refused[dims[0]] == base or not self._refuses({**working, **dict.fromkeys(dims, refused[dims[0]])}):
                continue
            for step in _STEPS:
                if base % step == 0 and self.works({**working, **dict.fromkeys(dims, base + step)}):
                    steps |= dict.fromkeys(dims, step)
                    break
        return steps


def _by_place(specs: Sequence[Spec]) -> list[tuple[str, ...]]:
    """Dims of several inputs that stand at the same axis, the first ones left out."""
    places: dict[int, list[str]] = {}
    firsts = choosing.firsts(specs)
    for spec in specs:
        for axis, dim in enumerate(spec.axes):
            if isinstance(dim, str) and dim not in firsts:
                places.setdefault(axis, []).append(dim)
    unique = (tuple(dict.fromkeys(dims)) for dims in places.values())
    return [dims for dims in unique if len(dims) > 1]


def _equalled(sizes: Sizes, groups: Iterable[Sequence[str]]) -> Sizes:
    return {**sizes, **{dim: sizes[group[0]] for group in groups for dim in group}}


def _changed(sizes: Sizes, dims: Sequence[str]) -> Sizes:
    """Other sizes of some dims, still multiples of 32 where they were."""
    return {**sizes, **{dim: sizes[dim] + 32 for dim in dims}}


def _together(sizes: Sizes, groups: Groups) -> list[tuple[str, ...]]:
    grouped = {dim for group in groups for dim in group}
    return [*groups, *((dim,) for dim in sizes if dim not in grouped)]


def advice(specs: Sequence[Spec], groups: Groups, steps: Mapping[str, int]) -> Sentence:
    """What the trials have shown, with the options that claim it, as one sentence; empty where they showed nothing."""
    wants = [said("{} to be equal", _joined(group)) for group in groups]
    multiples: dict[int, list[str]] = {}
    for dim, step in steps.items():
        multiples.setdefault(step, []).append(dim)
    wants += [
        said("{} to be a multiple of {}" if len(dims) == 1 else "{} to be multiples of {}", _joined(dims), step)
        for step, dims in multiples.items()
    ]
    if not wants:
        return ""
    options = " ".join(_options(specs, groups, steps))
    return said("the model wants {}, as far as was tried; say so with {}", joined("{}, and {}", wants), options)


def _options(specs: Sequence[Spec], groups: Groups, steps: Mapping[str, int]) -> Iterator[str]:
    names = _names(specs, groups, steps)
    for spec in specs:
        if any(axis in names for axis in spec.axes if isinstance(axis, str)):
            axes = [_axis(axis, names, steps, spec) for axis in spec.axes]
            yield f"--dim {spec.name}={','.join(axes)}"


def _axis(axis: int | str, names: Mapping[str, str], steps: Mapping[str, int], spec: Spec) -> str:
    if isinstance(axis, int):
        return str(axis)
    name = names.get(axis, axis)
    if axis in steps:
        return f"{name}={steps[axis]}*k"
    if axis in spec.claims:
        return str(spec.claims[axis]._replace(name=name))
    return name if name.isidentifier() else "-1"


def _names(specs: Sequence[Spec], groups: Groups, steps: Mapping[str, int]) -> dict[str, str]:
    """A name for each dim that something is claimed of, one for those that are equal."""
    taken = {dim for dim in choosing.unknown(specs) if dim.isidentifier()}
    letters = dict.fromkeys(itertools.chain(_LETTERS, string.ascii_uppercase))
    free = (each for each in letters if each not in taken)
    names: dict[str, str] = {}
    for group in (*groups, *((dim,) for dim in steps)):
        if group[0] in names:
            continue
        usual = _IMAGES.get(_axis_of(specs, group[0]), "")
        named = [dim for dim in group if dim.isidentifier()]
        name = next((each for each in (*named, usual) if each and each not in names.values()), None) or next(free)
        names |= dict.fromkeys(group, name)
    return names


def _axis_of(specs: Sequence[Spec], dim: str) -> tuple[int, int]:
    """The rank of the first input with this dim, and its axis there."""
    return next((len(spec.axes), spec.axes.index(dim)) for spec in specs if dim in spec.axes)


def _joined(dims: Sequence[str]) -> Sentence:
    return dims[0] if len(dims) == 1 else said("{} and {}", ", ".join(dims[:-1]), dims[-1])
