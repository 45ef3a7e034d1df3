"""Decides for each axis at which sizes all demands hold, the other axes held at sizes that go together.

A demand of one axis is a set of sizes, exactly (`symbolic/eventual.py`), and the sizes of the axis are what these sets have in
common. A demand of several axes is looked at with the others held; that it ties them is said beside.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from shapetrace import symbolic
from shapetrace.sizes import conditions, sameness
from shapetrace.sizes.demands import LEAST, Demand
from shapetrace.symbolic import eventual, form
from shapetrace.symbolic.eventual import EVERY, Eventual, SizeSet, UndecidableError
from shapetrace.symbolic.form import Node
from shapetrace.symbolic.signs import never_negative
from shapetrace.symbolic.squares import SetOfSizes, Squares

_USUAL = (64, 96, 128, 32, 224, 256, 512, 640, 16, 8, 4, 2, 1, 192, 320, 384, 416, 448, 608, 768, 800, 1024, 1280)
"""Sizes to hold an axis at, the best first."""
_BATCH = (1, 2, 4, 8)
"""The same for first axes: with a batch of 1 a product of the batch and something else is the hardest to divide."""
_IMAGE = 32
"""Several axes that are no batch are held at one size from here on: smaller ones may be broadcast by chance."""
_LARGEST = 1024
"""Up to here several axes are tried at each size that is the same for all, where none of the usual ones goes."""
_MOST_TRIED = 4096  # choices of sizes
_FEW = 4
_SMALLEST = 64
"""Up to here axes are held at each size where another is solved for."""
_MOST_SOLVED = 512  # choices of sizes


_ROOT = "root"
"""The symbol that a whole root has, where a demand is looked at as one of that root."""


@dataclass
class Solution:
    """What was decided of the axes of one conversion; an axis is told by its symbol."""

    sets: dict[str, SetOfSizes] = field(default_factory=dict)
    alone: dict[str, SetOfSizes] = field(default_factory=dict)
    """The sizes that the demands of each axis alone leave it, whatever the others are held at."""
    filled: dict[str, SetOfSizes] = field(default_factory=dict)
    """The sizes at which no tensor is empty."""
    held: dict[str, dict[Demand, SetOfSizes]] = field(default_factory=dict)
    """The demands that leave an axis fewer sizes than those before them, in the order of the program, and where each holds."""
    together: list[Demand] = field(default_factory=list)
    """The demands of several axes."""
    open: list[tuple[frozenset[str], Demand, str]] = field(default_factory=list)
    """Demands that could not be decided: the axes they are about, and why."""
    at: dict[str, int] = field(default_factory=dict)
    """Sizes of all axes that go together; empty where none were found."""

    def reasons(self, key: str) -> list[Demand]:
        """The demands that leave an axis fewer sizes, in the order of the program; no empty tensor that the others rule out."""
        left = dict(self.held[key])
        for demand in [demand for demand in left if demand.kind == "not_empty"]:
            others = [holding for other, holding in left.items() if other != demand]
            if others and _covers(reduce(operator.and_, others), self.sets[key]):
                del left[demand]
        return list(left)


class Solver:
    """Decides the demands of one conversion.

    Args:
        keys: The symbols, one for all that are equal.
        batches: The symbols that are first axes.
        near: Sizes to hold axes at where they go together, by the symbol.
    """

    def __init__(self, keys: Sequence[str], batches: frozenset[str], near: Mapping[str, int] | None = None) -> None:
        self._keys = keys
        self._batches = batches
        self._near = near or {}
        self._parts: dict[tuple[str, tuple[tuple[str, int], ...]], dict[Node, Eventual]] = {}

    def solve(self, demands: Iterable[Demand], conditional: Iterable[Demand] = ()) -> Solution:
        """What holds where all demands do.

        Args:
            demands: Over the symbols of the solver, and others of which nothing is known.
            conditional: Demands of ops that may not run.
        """
        every = dict.fromkeys(self._keys, EVERY)
        solution = Solution(dict(every), filled=dict(every), held={key: {} for key in self._keys})
        joint = []
        for demand in demands:
            about = self._about(demand)
            if len(about) > 1 and self._known(demand):
                joint.append(demand)
            elif about or not self._known(demand):
                self._take(solution, demand, about, {})
        self._take_one_by_one(solution)
        solution.alone = dict(solution.sets)
        solution.together = [
            demand for demand in joint if (demand.kind != "not_empty" or demand.when) and not _always(demand)
        ]
        solution.at = self._going_together(solution)
        for demand in solution.together:
            for key in self._about(demand) if solution.at else ():
                held = {other: size for other, size in solution.at.items() if other != key}
                self._take(solution, demand, frozenset([key]), held)
        limiting = {demand for held in solution.held.values() for demand in held}
        solution.together = [each for each in solution.together if each.kind != "not_empty" or each in limiting]
        for demand in conditional:
            self._doubt(solution, demand)
        return solution

    def _about(self, demand: Demand) -> frozenset[str]:
        return demand.symbols & frozenset(self._keys)

    def _known(self, demand: Demand) -> bool:
        return demand.symbols <= frozenset(self._keys)

    def _take(self, solution: Solution, demand: Demand, about: frozenset[str], held: Mapping[str, int]) -> None:
        """Leave an axis only the sizes at which a demand holds."""
        if not self._known(demand):
            solution.open.append((about, demand, ""))
            return
        (key,) = about
        try:
            holding = self.holding(demand, key, held)
            left = solution.sets[key] & holding
            if demand.kind == "not_empty" and isinstance(holding, SizeSet):
                solution.filled[key] &= eventual.union(holding, _nowhere(demand.left, key, held))
        except UndecidableError as error:
            solution.open.append((about, demand, str(error)))
            return
        if not _covers(left, solution.sets[key]):
            solution.sets[key] = left
            solution.held[key][demand] = holding

    def _take_one_by_one(self, solution: Solution) -> None:
        """Decide what no table says at each size of an axis, where the rest leaves it no endless many."""
        for entry in list(solution.open):
            about, demand, why = entry
            (key, *others), left = about or ("",), solution.sets
            if not why or others or isinstance(whole := left[key], Squares) or whole.endless:
                continue
            sizes = range(1, len(whole.members) + 1)
            holding = SizeSet((*(size in whole and demand.holds({key: size}) for size in sizes), False), 1)
            if demand.kind == "not_empty":
                solution.filled[key] &= eventual.union(holding, eventual.complement(whole))
            solution.open.remove(entry)
            if not _covers(holding, whole):
                solution.sets[key] = holding
                solution.held[key][demand] = holding

    def _doubt(self, solution: Solution, demand: Demand) -> None:
        """Say that a demand is open unless it holds anyway."""
        about = self._about(demand)
        try:
            if len(about) == 1 and self._known(demand):
                (key,) = about
                if _covers(solution.sets[key] & self.holding(demand, key, {}), solution.sets[key]):
                    return
            elif _always(demand):
                return
        except UndecidableError:
            pass
        solution.open.append((about, demand, "if"))

    def holding(self, demand: Demand, key: str, held: Mapping[str, int]) -> SetOfSizes:
        """The sizes of one axis at which a demand holds, or the op does not run.

        Raises:
            UndecidableError: That cannot be told.
        """
        if root := _root_in(demand):
            return self._by_root(demand, key, held, root)
        holding = self._holding(demand, key, held)
        if not demand.when:
            return holding
        return eventual.union(holding, eventual.complement(conditions.where(demand.when, key, dict(held))))

    def _by_root(self, demand: Demand, key: str, held: Mapping[str, int], root: tuple[Node, str]) -> SetOfSizes:
        """The same of a demand that depends on the axis only by the whole root of something that grows with it.

        From some root on it holds always or never, so a table up to there says it. Or it wants that something to be a square.
        """
        of_root = demand.replaced(lambda dim: form.unparse(_with_symbol(form.parse(dim), root[0])))
        if _root_in(of_root):
            raise UndecidableError("it takes several square roots")
        if key in of_root.symbols:
            return _squared(of_root, key, held, root[1])
        roots = self.holding(of_root, _ROOT, held)
        if isinstance(roots, Squares) or (roots.period > 1 and len({*roots.members[-roots.period :]}) > 1):
            raise UndecidableError("it takes a square root")
        squared = eventual.of(root[1], key, dict(held))
        beyond = eventual.positive(eventual.difference(squared, eventual.constant(len(roots.members) ** 2)))
        if not all(beyond.members[-beyond.period :]):
            raise UndecidableError("it takes a square root")
        table = (demand.holds({**held, key: size}) for size in range(1, len(beyond.members) + 1))
        return SizeSet((*table, roots.members[-1]), 1)

    def _holding(self, demand: Demand, key: str, held: Mapping[str, int]) -> SizeSet:
        known = self._parts.setdefault((key, tuple(sorted(held.items()))), {})
        left, right = (eventual.of(each, key, dict(held), known) for each in (demand.left, demand.right))
        apart = eventual.difference(left, right)
        if demand.kind in LEAST:
            return eventual.positive(apart)
        if demand.kind == "differ":
            return eventual.complement(eventual.zeros(apart))
        sets = [eventual.zeros(apart)]
        if demand.kind == "broadcast":
            one = eventual.constant(1)
            sets += [eventual.zeros(eventual.difference(each, one)) for each in (left, right)]
        return reduce(eventual.union, sets)

    def _going_together(self, solution: Solution) -> dict[str, int]:
        """Sizes of all axes at which every demand holds."""
        tied = sorted({key for demand in solution.together for key in self._about(demand)}, key=self._keys.index)
        alone = {}
        for key in self._keys:
            sizes = list(self._candidates(key, solution.sets[key]))
            if not sizes:
                return {}
            alone[key] = sizes
        square = bool(tied) and not self._batches & set(tied)
        every = (size for size in range(1, _LARGEST + 1) if size in solution.sets[tied[0]])
        sides = itertools.chain((size for size in alone[tied[0]] if size >= _IMAGE), every) if square else ()
        alike = ((size,) * len(tied) for size in sides)
        first = [tuple(self._near[key] for key in tied)] if self._near.keys() >= set(tied) else []
        choices = itertools.chain(first, alike, itertools.product(*(alone[key] for key in tied)))
        best = {key: sizes[0] for key, sizes in alone.items()}
        for chosen in itertools.islice(choices, _MOST_TRIED):
            at = {**best, **dict(zip(tied, chosen, strict=True))}
            allowed = all(at[key] in solution.sets[key] for key in tied)
            if allowed and all(demand.holds(at) for demand in solution.together):
                return at
        return self._with_one_solved(solution, tied, best)

    def _with_one_solved(self, solution: Solution, tied: Sequence[str], best: Mapping[str, int]) -> dict[str, int]:
        """The same, where one axis takes few sizes at those of the others: a product of both is one number."""
        if not tied:
            return {}
        *others, last = tied
        ranges = [[size for size in (*range(2, _SMALLEST + 1), 1) if size in solution.sets[key]] for key in others]
        for chosen in itertools.islice(itertools.product(*ranges), _MOST_SOLVED):
            held = {**best, **dict(zip(others, chosen, strict=True))}
            del held[last]
            try:
                sets = [self.holding(demand, last, held) for demand in solution.together]
                left = reduce(operator.and_, sets, solution.sets[last])
            except UndecidableError:
                continue
            at = {**held, last: next(self._candidates(last, left), 0)}
            if at[last] and all(demand.holds(at) for demand in solution.together):
                return at
        return {}

    def _candidates(self, key: str, sizes: SetOfSizes) -> Iterator[int]:
        """Sizes to hold an axis at, the best first."""
        usual: tuple[int, ...] = _BATCH if key in self._batches else _USUAL
        usual = (self._near[key], *usual) if key in self._near else usual
        yield from dict.fromkeys([size for size in usual if size in sizes] + sizes.first(_FEW))


def _nowhere(dim: str, key: str, held: Mapping[str, int]) -> SizeSet:
    """The sizes of one axis at which a dim is no number, as far as a table says it."""
    try:
        return eventual.undefined(eventual.of(dim, key, dict(held)))
    except UndecidableError:
        return eventual.complement(EVERY)


def _root_in(demand: Demand) -> tuple[Node, str] | None:
    """The first whole root in a demand, `Int(Root(…))`, and what it is the root of."""
    dims = [demand.left, demand.right, *(dim for left, _, right in demand.when or () for dim in (left, right))]
    pending = [form.parse(dim) for dim in dims if "Root" in dim]
    while pending:
        node = pending.pop(0)
        if isinstance(node, tuple):
            if node[0] == "Int" and isinstance(node[1], tuple) and node[1][0] == "Root":
                return node, form.unparse(node[1][1])
            pending += node[1:]
    return None


def _with_symbol(node: Node, root: Node) -> Node:
    """An expression with a symbol in the place of a root."""
    if node == root:
        return _ROOT
    return (node[0], *(_with_symbol(each, root) for each in node[1:])) if isinstance(node, tuple) else node


def _squared(of_root: Demand, key: str, held: Mapping[str, int], rooted: str) -> Squares:
    """The sizes of one axis at which what a root is taken of is the square of that root.

    Args:
        of_root: A demand over the axis, and a symbol for the root.
        key: The axis.
        held: The others.
        rooted: What the root is taken of.

    Raises:
        UndecidableError: The demand asks another thing.
    """
    unknown = UndecidableError("it takes a square root")
    numbers = {other: str(size) for other, size in held.items()}
    left, right, rooted = (symbolic.substitute(each, numbers) for each in (of_root.left, of_root.right, rooted))
    square = eventual.of(rooted, key, {})
    if of_root.kind != "equal" or of_root.when or (square.start, square.steps) != (0, ((1,),)):
        raise unknown
    more = 1 - int(square.values[0] or 0)
    at = {key: 5 + max(more, 0), _ROOT: 1}
    try:
        sides = symbolic.evaluate(left, at), symbolic.evaluate(right, at)
    except ValueError:
        raise unknown from None
    times, rest = divmod(sides[0] - sides[1], at[key] - more - 1)
    whole = f"Add({right}, Mul({times}, {rooted}))"
    if rest or not times or not sameness.same(f"Add({left}, Mul({times}, {_ROOT}, {_ROOT}))", whole):
        raise unknown
    return Squares(EVERY, more)


def _covers(part: SetOfSizes, whole: SetOfSizes) -> bool:
    """Whether a part of a set is all of it."""
    if isinstance(part, SizeSet) and isinstance(whole, SizeSet):
        longer = max(len(part.members), len(whole.members))
        return part == whole or all((size in part) == (size in whole) for size in range(1, longer + 1))
    return isinstance(part, Squares) and isinstance(whole, Squares) and _covers(part.sizes, whole.sizes)


def _always(demand: Demand) -> bool:
    """Whether a demand holds at every size, as far as simplifying shows."""
    if demand.kind in LEAST:
        return never_negative(symbolic.combine("-", (demand.left, demand.right)))
    return demand.kind in ("equal", "broadcast") and sameness.same(demand.left, demand.right)
