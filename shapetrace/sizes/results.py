"""Which sizes an export takes: what was derived, or proven, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shapetrace.errors import UsageError
from shapetrace.facts.operators import COMPARE
from shapetrace.said import joined, said
from shapetrace.sizes import ones, wording
from shapetrace.sizes.pattern import Pattern
from shapetrace.symbolic import arithmetic
from shapetrace.symbolic.form import Node
from shapetrace.trace import Said, Sentence, Site

_MOST_CHOICES = 4
"""Choices of axes that may be 1 at once up to which each is told by itself."""
_MOST_SHOWN = 3
USUAL = {(4, 2): "H", (4, 3): "W"}
"""What axes of images are called, by rank and axis."""
_BATCH = ("B", "batch")

TieKind = Literal["equal", "differ", "broadcast", "at_least"]
"""`broadcast`: equal, or one of them 1. `differ`: not equal."""
State = Literal["free", "fixed", "constrained", "undecided"]


@dataclass(frozen=True)
class Because:
    """An op that leaves an axis fewer sizes."""

    said: Said
    op: str
    """What the user called, or the op."""
    site: Site | None
    """The user's line; None where Paddle made the op by itself."""
    layer: str = ""
    at_each_size: bool = False
    """Of what is not decided: whether it is at any one size, and only not for all of them."""


@dataclass(frozen=True)
class Tie:
    """What must hold between the sizes of several axes, for who computes it anew: over the places of axes in place of symbols."""

    kind: TieKind
    left: Node
    right: Node
    when: tuple[tuple[Node, str, Node], ...]
    """It must hold where all of these do: two dims, and what is between them in Python."""
    because: Because

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at sizes of axes.

        Args:
            sizes: By the place of the axis.
        """
        try:
            conditions = [
                (arithmetic.evaluate(a, sizes), sign, arithmetic.evaluate(b, sizes)) for a, sign, b in self.when
            ]
            if not all(COMPARE[sign](a, b) for a, sign, b in conditions):
                return True
            left, right = (arithmetic.evaluate(each, sizes) for each in (self.left, self.right))
        except ValueError:
            return False
        if self.kind == "at_least":
            return left >= right
        if self.kind == "differ":
            return left != right
        return left == right or (self.kind == "broadcast" and 1 in (left, right))


@dataclass(frozen=True)
class Axis:
    """The sizes of one axis of an input, the others held at `Sizes.at`."""

    input: str
    axis: int
    symbol: str
    """Its name: `B`, or `image[2]`; for an axis with a size in the spec after its place."""
    pattern: Pattern
    filled: Pattern
    """The sizes at which no tensor of the program is empty. Paddle runs some of the others, and some of these to no purpose."""
    fixed_by_spec: bool = False
    because: tuple[Because, ...] = ()
    undecided: tuple[Because, ...] = ()
    """What may leave it fewer sizes, and could not be decided."""
    remarks: tuple[Said, ...] = ()
    """What its spec asked for, where something else arrived."""
    held: tuple[tuple[str, int], ...] = ()
    """The axes that decide with it which sizes it takes, and what they are held at."""
    alone: Pattern | None = None
    """The sizes that it takes at some sizes of those; None where there are none."""

    @property
    def place(self) -> str:
        """Which axis it is: `image[2]`."""
        return f"{self.input}[{self.axis}]"

    @property
    def said(self) -> Said:
        """Which sizes it takes, in words."""
        if self.fixed_by_spec:
            return said("{}, by the spec", (self.pattern.values or (-1,))[0])
        if self.state == "undecided" and self.pattern.free:
            return said("not decided")
        taken = wording.of_pattern(self.pattern)
        beside = [f"{place}={size}" for place, size in self.held]
        taken = said("{}, with {}", taken, joined("{} and {}", beside)) if beside else taken
        return said("not decided; at best {}", taken) if self.state == "undecided" else taken

    @property
    def state(self) -> State:
        """In one word; what is undecided may leave fewer sizes than `pattern` says, unless that says none."""
        if self.undecided and self.pattern.values != ():
            return "undecided"
        if self.pattern.free:
            return "free"
        return "fixed" if self.pattern.values is not None and len(self.pattern.values) == 1 else "constrained"


@dataclass(frozen=True)
class Sizes:
    """The sizes that one export takes.

    A size at which a tensor of the program is empty is counted as one that it does not take.
    """

    function: str
    axes: tuple[Axis, ...]
    equal: tuple[tuple[str, ...], ...] = ()
    """Axes that are of one size."""
    ones: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """For each entry of `equal` the choices of its axes that may be 1 at once while the others are not, since ops broadcast them."""
    together: tuple[Because, ...] = ()
    """What ties several axes in another way than being equal."""
    ties: tuple[Tie, ...] = ()
    """The same, for who computes it anew."""
    at: dict[str, int] = field(default_factory=dict)
    """Sizes of all unknown axes that go together, at which the others are held where one is told of."""
    proven: bool = False
    """Whether the edges have been run, in dygraph and in the export."""
    unproven: Sentence = ""
    """Why not, where that was tried."""
    refuted: tuple[str, ...] = ()
    """The axes of which another size than that in `at` went against what was derived; all of them where those in `at` did."""
    tried: int = 0
    """At how many choices of sizes it held."""

    def axis(self, place: str) -> Axis:
        """The axis at a place, `image[2]`, or of a name: the user's, or a usual one (`B`, `H`, `W`).

        Raises:
            UsageError: There is none, or there are several that need not be equal.
        """
        named = [axis for axis in self.axes if place in (axis.place, axis.symbol)]
        found = named or [axis for axis in self.axes if place == USUAL.get((self.rank(axis), axis.axis))]
        found = found or [axis for axis in self.axes if place in _BATCH and axis.axis == 0]
        if not found:
            raise UsageError(
                said("there is no axis {}: there are {}", place, ", ".join(axis.place for axis in self.axes))
            )
        if not set(self.together_with(found[0])) >= {axis.place for axis in found}:
            places = ", ".join(axis.place for axis in found)
            raise UsageError(said("{} may be any of {}: name its place, as in {}", place, places, found[0].place))
        return found[0]

    def fits(self, sizes: Mapping[str, int]) -> bool:
        """Whether sizes of axes go together, as far as it is decided.

        Args:
            sizes: By the place of the axis; of all that are unknown.
        """
        within = (sizes[axis.place] in (axis.alone or axis.pattern) for axis in self.axes if axis.place in sizes)
        return all(within) and all(tie.holds(sizes) for tie in self.ties)

    def together_with(self, axis: Axis) -> tuple[str, ...]:
        """The places of the axes that are of one size with an axis, itself among them."""
        return next((places for places in self.equal if axis.place in places), (axis.place,))

    def rank(self, axis: Axis) -> int:
        """How many axes the input of an axis has."""
        return sum(other.input == axis.input for other in self.axes)

    def text(self, say: Callable[[Sentence], str] = str) -> str:
        """As people read it: one line an axis, each followed by what leaves it fewer sizes.

        Args:
            say: Words a sentence; in English without it.
        """
        return "\n".join(map(say, [said("{} takes:", self.function), *self._lines(), said("  {}", self.proof)])) + "\n"

    def _lines(self) -> Iterator[Sentence]:
        width = max((len(axis.place) for axis in self.axes), default=0)
        for axis in self.axes:
            yield said("  {}  {}", f"{axis.place:<{width}}", axis.said)
            yield from () if axis.fixed_by_spec else (said("    {}", line) for line in in_lines(axis.because))
            yield from (said("    not decided: {}", line) for line in in_lines(axis.undecided))
            yield from (said("    note: {}", remark) for remark in axis.remarks)
        yield from (said("  {}", line) for line in self.said_equal)
        yield from (said("  together: {}", line) for line in in_lines(self.together))

    @property
    def or_one(self) -> tuple[tuple[str, ...], ...]:
        """For each entry of `equal` the axes any of which may be 1 while others of it are not."""
        return tuple(ones.any_of(places, found) for places, found in zip(self.equal, self.ones, strict=True))

    @property
    def said_equal(self) -> list[Said]:
        """Which axes are of one size, in words."""
        return [
            _said_equal(places, or_one, found)
            for places, or_one, found in zip(self.equal, self.or_one, self.ones, strict=True)
        ]

    @property
    def proof(self) -> Said:
        """Whether it was proven, as a sentence."""
        if self.proven:
            return said(
                "proven: run in dygraph and in the export at {} choices of sizes, within and outside", self.tried
            )
        return said("not proven: {}", self.unproven) if self.unproven else said("derived, not run")


def _said_equal(places: Sequence[str], or_one: Sequence[str], found: Sequence[tuple[str, ...]]) -> Said:
    equal = said("{} are equal", joined("{} and {}", places))
    if len(places) > ones.MOST:
        return said("{}; which of them may be 1 too is not decided, as there are more than {}", equal, ones.MOST)
    if not found:
        return equal
    if all(set(choice) <= set(or_one) for choice in found):
        return said("{}; {} may be 1 too", equal, joined("{} or {}", or_one))
    if len(found) <= _MOST_CHOICES:
        each = [said("{} together" if len(choice) > 1 else "{} alone", joined("{} and {}", choice)) for choice in found]
        return said("{}; {} may be 1 too", equal, joined("{} or {}", each))
    never = ones.never(places, found)
    if not never:
        return said("{}; some of them may be 1 too, in {} choices that --json lists", equal, len(found))
    able = [place for place in places if any(place in choice for choice in found)]
    all_of = [said("all of {}", joined("{} and {}", each)) for each in never]
    return said("{}; {} may be 1 too, but not {}", equal, joined("{} or {}", able), joined("{} or {}", all_of))


def in_lines(reasons: Sequence[Because]) -> Iterator[Sentence]:
    """Reasons as people read them, the first few, each with its place below it."""
    yield from (said("{}{}", because.said, _at(because.site)) for because in reasons[:_MOST_SHOWN])
    if len(reasons) > _MOST_SHOWN:
        yield said("and {} more", len(reasons) - _MOST_SHOWN)


def _at(site: Site | None) -> str:
    return f"\n      {site.file}:{site.line}  {site.code}".rstrip() if site is not None else ""
