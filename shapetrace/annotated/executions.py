"""Which statement each op of a program was made by: the ops of a conversion, put back into the runs of the user's statements.

An op has the user's call stack, line by line. Ops that follow one another with the same outer lines are taken for the work of one run of these
statements; what runs of one line follow each other with nothing in between, as in a loop of one line, count as one. What comes out of a run are the tensors
that are used outside of it: so what is said of a line never depends on what its name, its brackets or Paddle's function look like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from shapetrace.annotated.statements import Statement
from shapetrace.facts import ops
from shapetrace.trace import Conversion

REWRITTEN = "to_static_tmp"
"""Directory of what dy2static writes; a line there that goes back to no line of the user's is the conversion's own."""


class Frame(NamedTuple):
    """A statement that was running, and in which function."""

    file: str
    function: str
    statement: Statement


Path = tuple[int, ...]
"""Runs within runs, outermost first."""

FrameAt = Callable[[int], Frame | None]
"""What the site of this index says of a frame; None for what is not the user's."""


@dataclass
class Run:
    """One execution of a statement."""

    frame: Frame
    parent: int
    results: list[int] = field(default_factory=list)
    """Values that it made and that were used outside of it, in the order they were made."""
    unused: list[int] = field(default_factory=list)
    """Values that it made and nothing used."""


def runs(conversion: Conversion, frame_at: FrameAt, ended: Collection[int] = ()) -> list[Run]:
    """The runs of all statements that made something in a conversion, in the order they began.

    Args:
        conversion: The conversion.
        frame_at: Tells of the sites of the trace.
        ended: Sites of the statements that something ended before they were done, which have no results.
    """
    following = _Following(conversion, frame_at)
    paths = following.paths()
    _inherit(conversion, paths)
    _take_out(conversion, paths, following.runs)
    undone = {frame_at(site) for site in ended}
    for run in following.open:
        if run.frame in undone:
            run.results, run.unused = [], []
    return following.runs


class _Following:
    """Follows the ops of a conversion in the order they were made."""

    def __init__(self, conversion: Conversion, frame_at: FrameAt) -> None:
        self.conversion = conversion
        self.runs: list[Run] = []
        self._frame_at = frame_at
        self._open: list[int] = []
        self._outside = _around(conversion)
        self._frames: dict[tuple[int, ...], list[Frame]] = {}

    def paths(self) -> list[Path | None]:
        """For each op its runs; None where no stack is known."""
        return [self._path(op.stack) if op.stack else None for op in self.conversion.ops]

    @property
    def open(self) -> list[Run]:
        """The runs that the last op was made in."""
        return [self.runs[index] for index in self._open]

    def _path(self, stack: tuple[int, ...]) -> Path:
        frames = self._frames.get(stack)
        if frames is None:
            sites = map(self._frame_at, stack[self._outside :])
            frames = self._frames[stack] = [frame for frame in sites if frame is not None]
        kept = self._same(frames)
        del self._open[kept:]
        for frame in frames[kept:]:
            self.runs.append(Run(frame, self._open[-1] if self._open else -1))
            self._open.append(len(self.runs) - 1)
        return tuple(self._open)

    def _same(self, frames: list[Frame]) -> int:
        """How many of the open runs go on."""
        pairs = zip(self._open, frames, strict=False)
        return sum(1 for _ in takewhile(lambda pair: self.runs[pair[0]].frame == pair[1], pairs))


def _within(inner: Frame, outer: Frame) -> bool:
    """Whether a frame stands in the body of a compound statement whose head the other one is."""
    statement = outer.statement
    same = (inner.file, inner.function) == (outer.file, outer.function)
    return same and statement.first < inner.statement.first <= statement.ends


def _around(conversion: Conversion) -> int:
    """How many frames all stacks begin with that are none of the model's, as those of the script."""
    stacks = [op.stack for op in conversion.ops if op.stack]
    shared, function = _shared(stacks), conversion.site_of_function
    if function is None or not stacks:
        return shared
    sites = [conversion.sites[index] for index in stacks[0][:shared]]
    own = (at for at, site in enumerate(sites) if (site.file, site.function) == (function.file, function.function))
    return next(own, shared)


def _shared(stacks: list[tuple[int, ...]]) -> int:
    """How many frames all stacks begin with."""
    if len(set(stacks)) < 2:
        return 0
    first = min(stacks)
    return next((at for at, pair in enumerate(zip(first, max(stacks), strict=False)) if pair[0] != pair[1]), len(first))


def _inherit(conversion: Conversion, paths: list[Path | None]) -> None:
    """Give ops without a stack the runs of what they stand for: an `if` those of its blocks, others those of their users."""
    nested: dict[int, list[int]] = defaultdict(list)
    users: dict[int, int] = {}
    for index, op in enumerate(conversion.ops):
        if op.parent >= 0:
            nested[op.parent].append(index)
        for value in op.inputs:
            users.setdefault(value, index)
    for index in range(len(paths) - 1, -1, -1):
        if paths[index] is not None or index in nested:
            continue
        if conversion.ops[index].name in ops.INPUTS | ops.PARAMETERS:
            paths[index] = ()  # Paddle 2.6 gives them no stack
        else:
            user = min((users[value] for value in conversion.ops[index].outputs if value in users), default=-1)
            paths[index] = paths[user] if user >= 0 else None
    for index in sorted(nested, reverse=True):  # inner ones first
        inside = [path for path in (paths[inner] for inner in nested[index]) if path is not None]
        if paths[index] is None and inside:
            asked = [paths[conversion.values[value].op] for value in conversion.ops[index].inputs if value >= 0]
            in_one = len(inside) > 1 or inside[0] in asked  # `a if n > 3 else b`
            paths[index] = _common(inside) if in_one else _common(inside)[:-1]
    for index, op in enumerate(conversion.ops):  # what ends a block hands over to what has the block
        if paths[index] is None and op.parent >= 0:
            paths[index] = paths[op.parent]


def _common(paths: list[Path]) -> Path:
    first, last = min(paths), max(paths)
    return tuple(pair[0] for pair in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def _take_out(conversion: Conversion, paths: list[Path | None], recorded: list[Run]) -> None:
    """Tell each run what came out of it."""
    outer: dict[int, int] = {value: 0 for value in conversion.outputs if value >= 0}
    """Value to the number of runs around both it and all its users."""
    for index, op in enumerate(conversion.ops):
        path = paths[index] or ()
        for value in op.inputs:
            if value >= 0:
                made = paths[conversion.values[value].op] or ()
                outer[value] = min(outer.get(value, len(made)), len(made if made == path else _common([made, path])))
    for index, op in enumerate(conversion.ops):
        made = paths[index] or ()
        used = [value for value in op.outputs if value in outer]
        for value in used:
            for run in made[outer[value] :]:
                recorded[run].results.append(value)
        if not used:
            for run in made:
                recorded[run].unused += op.outputs[:1]


def levels(recorded: list[Run]) -> Iterator[Run]:
    """The runs whose results are those of their own statement.

    Left out are the heads of compound statements, whose bodies make what comes out of them, and frames of the statement that is running
    already: a comprehension, a lambda.
    """
    heads = {run.parent for run in recorded if run.parent >= 0 and _within(run.frame, recorded[run.parent].frame)}
    for index, run in enumerate(recorded):
        above = recorded[run.parent].frame if run.parent >= 0 else None
        again = above is not None and above.file == run.frame.file and above.statement is run.frame.statement
        if index not in heads and not again:
            yield run
