"""The shapes of a program at several choices of sizes for its inputs, whichever way they were inferred.

`reinfer.py` (Paddle 2.6) and `replay.py` (3.x) fill such a table, and `fitted.py` makes expressions of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import msgspec

from shapetrace import forking
from shapetrace.symbolic.fitting import SPREAD

Axis = tuple[str, int]
"""An unknown axis of an input."""

_STEPS = (1, 32, 672)
"""Sizes are multiples of this, since most models take only some; 672 is one of 7, 14, 16, 32 and 48."""
_PROBES = 2  # rows that tell of a kind of sizes how many ops refuse it
_ORDERS = (1, 3, 7, 9)  # steps through `SPREAD` that meet each of its sizes


class Row(msgspec.Struct, array_like=True):
    """The shapes at one choice of sizes."""

    sizes: list[int] = msgspec.field(default_factory=list)
    """Of each symbol: the unknown axes of the inputs, then the dims that were born, in the order of `Table.born`."""
    shapes: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """What the filler calls a result, to its shape; of results that depend on the inputs' unknown axes only."""
    held: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """The same for the numbers in small integer tensors."""


class Table(msgspec.Struct, array_like=True):
    """The rows, and what their columns are."""

    axes: list[Axis]
    born: list[str] = msgspec.field(default_factory=list)
    """The dims that were unknown although all sizes before were known: a result, a colon and its axis."""
    rows: list[Row] = msgspec.field(default_factory=list)
    failed: int = 0
    """How many ops could not be inferred at the sizes tried."""


class Walk(Protocol):
    """One way through a program, at one choice of sizes."""

    row: Row
    failed: int

    def run(self) -> None:
        """Fill the row."""


Size = Callable[[int], int]
"""The size of a symbol, by its number."""
Begin = Callable[[Size, Row, dict[str, int]], Walk]
"""Begins a walk: given the sizes, the row to fill, and the dims born so far, to which it adds."""


def asked(fill: Callable[[], Table], cpu: float) -> Table:
    """What `fill` returns in a process of its own: a size that Paddle's C++ cannot bear must not end ours.

    Args:
        fill: Fills the table.
        cpu: Seconds that it may take.

    Raises:
        TimeoutError: It took too long, or the process that does it died.
        RuntimeError: It raised.
    """
    content, how, _ = forking.run(lambda: msgspec.msgpack.encode(_answer(fill)), forking.Limits(cpu=cpu))
    if not content:
        raise TimeoutError(f"inferring shapes at other sizes: {how}")
    answer = msgspec.msgpack.decode(content, type=Table | str)
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return answer


def _answer(fill: Callable[[], Table]) -> Table | str:
    try:
        return fill()
    except Exception as error:  # to be raised again where it can be seen
        return f"{type(error).__name__}: {error}"


def fill(axes: list[Axis], begin: Begin) -> Table:
    """Walk at several sizes, of the kind that the fewest ops refuse.

    Which kind that is, the first rows tell: going through the whole program ten times for each kind would be dear.
    """
    kinds = {(step, tuple(grouping(axes))): 0 for step in _STEPS for grouping in (_each, _by_axis)}
    for step, groups in kinds:
        failed = _at(axes, begin, step, groups, _PROBES).failed
        if not failed and not (table := _at(axes, begin, step, groups)).failed:
            return table
        kinds[step, groups] = failed or table.failed
    step, groups = min(kinds, key=lambda kind: kinds[kind])
    return _at(axes, begin, step, groups)


def _each(axes: list[Axis]) -> list[int]:
    """Every axis has sizes of its own."""
    return list(range(len(axes)))


def _by_axis(axes: list[Axis]) -> list[int]:
    """Axes with the same number have the same sizes, as the batches of several inputs do."""
    numbers = [axis for _, axis in axes]
    return [numbers.index(number) for number in numbers]


def _at(axes: list[Axis], begin: Begin, step: int, groups: Sequence[int], rows: int = len(SPREAD)) -> Table:
    """The table at one kind of sizes."""
    table = Table(axes)
    born: dict[str, int] = {}
    for row in range(rows):
        size = partial(_size, row=row, step=step)
        walk = begin(size, Row([size(group) for group in groups]), born)
        walk.run()
        table.rows.append(walk.row)
        table.failed += walk.failed
    table.born = list(born)
    for row, filled in enumerate(table.rows):
        filled.sizes += [_size(len(axes) + place, row, step) for place in range(len(born))]
    return table


def _size(symbol: int, row: int, step: int) -> int:
    """The size of a symbol in a row: each symbol has all of `SPREAD`, in another order."""
    turn, shift = divmod(symbol, len(SPREAD))
    size = SPREAD[(row * _ORDERS[turn % len(_ORDERS)] + shift) % len(SPREAD)]
    return max(1, size // step) * step + turn // len(_ORDERS) * step
