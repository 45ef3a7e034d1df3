"""The spec that leaves as many axes unknown as the export can do with."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shapetrace.errors import UsageError
from shapetrace.proof import asking
from shapetrace.reports.translations import current, worded
from shapetrace.said import said
from shapetrace.sizes import Axis, Because, Sizes
from shapetrace.sizes.pattern import Pattern
from shapetrace.trace import Said, Trace
from shapetrace.verify import sizes as choosing
from shapetrace.verify.dygraph import evaluating

Place = tuple[int, int]
"""An input, by its position, and an axis of it."""
_LARGEST_TRIED = 65
_MOST_TRIED = 1 << 13  # choices of sizes


@dataclass(frozen=True)
class Dynamic:
    """A spec, and what stopped it from being more dynamic."""

    specs: tuple[tuple[str, str, tuple[int, ...]], ...]
    """Name, dtype and shape of each input."""
    given_up: dict[str, Because]
    """The axes that keep the size of the spec, by their place, each with what stopped it."""
    found: Sizes
    conversions: int

    def text(self) -> str:
        """Ready to paste, with what is claimed of the axes, and the line that stopped each."""
        from shapetrace.sizes import claiming

        lines = ["input_spec=["]
        lines += [f'    InputSpec({list(shape)}, "{dtype}", name="{name}"),' for name, dtype, shape in self.specs]
        lines += ["]", *(f"--dim {claim}" for claim in claiming.options(self.found))]
        for place, because in self.given_up.items():
            site = (
                f"\n    {because.site.file}:{because.site.line}  {because.site.code}"
                if because.site is not None
                else ""
            )
            lines.append(worded("{} is as the spec has it: {}", place, because.said) + site.rstrip())
        return "\n".join([*lines, current().say(self.found.proof)]) + "\n"


@dataclass
class _Search:
    layer: Any
    input_spec: Sequence[Any]
    progress: Callable[[str], None]
    open: set[Place] = field(default_factory=set)
    given_up: dict[Place, Because] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import paddle

        flat = [each for each in paddle.utils.flatten(list(self.input_spec)) if choosing.is_input(each)]
        self.given = [(spec, list(spec.shape)) for spec in flat]
        self.open = {
            (number, axis)
            for number, (_, shape) in enumerate(self.given)
            for axis, size in enumerate(shape)
            if size >= 0
        }

    def specs(self) -> list[Any]:
        """The specs of the inputs, with what is still open unknown."""
        from paddle.static import InputSpec

        return [
            InputSpec(
                [-1 if (number, axis) in self.open else size for axis, size in enumerate(shape)], spec.dtype, spec.name
            )
            for number, (spec, shape) in enumerate(self.given)
        ]

    def stop(self, places: dict[Place, Because]) -> bool:
        """Give axes up that are open; whether there were any."""
        stopped = {place: because for place, because in places.items() if place in self.open}
        self.open -= stopped.keys()
        self.given_up |= stopped
        return bool(stopped)

    def stopping(self, found: Sizes) -> dict[Place, Because]:
        """The open axes that the export does not leave open: those of one size, or of others than the spec's.

        Where there are none, the last of those that are stopped while others are held, or are not decided, and best both: without
        it the others may be open. An axis that is of one size only while others are held stops nothing where all is decided.
        """
        inputs = list(dict.fromkeys(axis.input for axis in found.axes))
        axes = {place: axis for axis in found.axes if (place := (inputs.index(axis.input), axis.axis)) in self.open}
        certain = {place for place, axis in axes.items() if self._stopped(place, axis.alone or axis.pattern)}
        if certain:
            return {place: self._why(place, axes[place]) for place in certain}
        doubtful = {place for place, axis in axes.items() if axis.undecided}
        held = {place for place, axis in axes.items() if self._stopped(place, axis.pattern)}
        if not doubtful:
            held = {place for place in held if not self._opens(found, place, axes[place])}
        candidates = held & doubtful or held or doubtful
        return {place: self._why(place, axes[place]) for place in [_last(candidates)]} if candidates else {}

    def sizes(self) -> dict[str, int]:
        """The sizes that the spec has for the open axes, by their places."""
        return {self._place(place): self._size(place) for place in self.open}

    def refuted(self, found: Sizes) -> dict[Place, Because]:
        """The last of the open axes at sizes of which the model and its export did not do what was derived."""
        places = {place for place in self.open if self._place(place) in found.refuted}
        return {_last(places): Because(said("tried out, {}", found.unproven), "", None)} if places else {}

    def _place(self, place: Place) -> str:
        return f"{self.given[place[0]][0].name}[{place[1]}]"

    def _size(self, place: Place) -> int:
        size: int = self.given[place[0]][1][place[1]]
        return size

    def _stopped(self, place: Place, taken: Pattern) -> bool:
        """Whether the size of the spec is not taken, or only that is, and perhaps 1 since it is broadcast."""
        size = self._size(place)
        return size not in taken or set(taken.values or ()) in ({size}, {1, size})

    def _opens(self, found: Sizes, place: Place, axis: Axis) -> bool:
        """Whether an axis takes the size of the spec, and others than that and 1 at some sizes of those that it is tied to."""
        if self._size(place) not in axis.pattern:
            return False
        tied = [other for other, _ in axis.held]
        choices = itertools.product(*(range(1, _LARGEST_TRIED) for _ in tied), range(2, _LARGEST_TRIED))
        for *others, size in itertools.islice(choices, _MOST_TRIED):
            at = {**found.at, **dict(zip(tied, others, strict=True))}
            at |= dict.fromkeys(found.together_with(axis), size)
            if size != self._size(place) and found.fits(at):
                return True
        return False

    def _why(self, place: Place, axis: Axis) -> Because:
        """What stops an axis."""
        otherwise = Because(said("{} is not taken", self._size(place)), "", None)
        return (*axis.because, *axis.undecided, otherwise)[0]

    def blamed(self, trace: Trace, why: Said) -> dict[Place, Because]:
        """The last of the open axes that the first finding of a conversion is about, or of all where none is.

        Others may do without being given up: the next conversion tells. A batch is given up last.

        Args:
            trace: Of a conversion that failed, or of which nothing can be derived.
            why: Said of an axis that no finding is about.
        """
        names = [spec.name for spec, _ in self.given]
        for finding in trace.findings:
            because = Because(said("{}: {}", finding.rule, finding.said), finding.rule, finding.sink or finding.source)
            roots = [(names.index(root.input), root.axis or 0) for root in finding.roots if root.input in names]
            if finding.severity == "error" and set(roots) & self.open:
                return {_last(set(roots) & self.open): because}
        return {_last(self.open): Because(why, "", None)} if self.open else {}


def _last(places: set[Place]) -> Place:
    """The axis that is given up first: the last of an input, and of several the last input."""
    return max(places, key=lambda place: (place[1], place[0]))


def spec(layer: Any, input_spec: Sequence[Any], progress: Callable[[str], None] = lambda _: None) -> Dynamic:
    """The most dynamic spec of a layer: all axes unknown, but for those that the export stops.

    Each conversion gives up one axis at least, so there is at most one conversion more than axes given up.

    Args:
        layer: A `paddle.nn.Layer`.
        input_spec: As `paddle.jit.save` takes it; the sizes in it are those that axes are given up to.
        progress: Told what is done next.

    Raises:
        UsageError: The layer cannot be exported with the spec as it is, or nothing can be derived then.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace import probing

    asking.check_paddle()
    search = _Search(layer, input_spec, progress)
    conversions = 0
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        while True:
            conversions += 1
            specs = search.specs()
            progress(worded("converting with {} more axes unknown", len(search.open)))
            filled = choosing.filled(list(input_spec), specs)
            path = f"{directory}/{conversions}"
            trace, error = asking.attempted(layer, path, filled)
            if error:
                if not search.stop(search.blamed(trace, said("the conversion fails: {}", error))):
                    raise asking.refused(layer, error)
                continue
            try:
                found = asking.of_forward(trace, search.sizes())
            except UsageError as underivable:
                if not search.stop(search.blamed(trace, underivable.args[0])):
                    raise
                continue
            if search.stop(search.stopping(found)):
                continue
            proven = asking.tried(layer, path, filled, found, progress)
            if not search.stop(search.refuted(proven)):
                break
    places = {
        (number, axis): f"{each.name}[{axis}]" for number, each in enumerate(specs) for axis in range(len(each.shape))
    }
    return Dynamic(
        tuple((each.name, str(each.dtype).rpartition(".")[2].lower(), tuple(each.shape)) for each in specs),
        {places[place]: because for place, because in sorted(search.given_up.items())},
        proven,
        conversions,
    )
