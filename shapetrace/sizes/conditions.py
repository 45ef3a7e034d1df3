"""What `if` and `assert` ask of sizes: comparisons of numbers that follow from them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.sizes.numbers import Held
from shapetrace.symbolic import eventual
from shapetrace.symbolic.eventual import SizeSet
from shapetrace.trace import Conversion

_SIGNS = {
    "equal": "==",
    "not_equal": "!=",
    "less_than": "<",
    "less_equal": "<=",
    "greater_than": ">",
    "greater_equal": ">=",
}
_MOST_ALTERNATIVES = 8
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Condition(NamedTuple):
    """A comparison of two dims."""

    left: str
    sign: str
    right: str

    @property
    def opposite(self) -> Condition:
        """What holds where it does not."""
        return self._replace(sign=_OPPOSITE[self.sign])

    def replaced(self, replace: Callable[[str], str]) -> Condition:
        """The same of other dims.

        Args:
            replace: Gives another dim for each.
        """
        return self._replace(left=replace(self.left), right=replace(self.right))

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that it depends on."""
        return symbolic.symbols(self.left) | symbolic.symbols(self.right)

    def least(self) -> tuple[str, str] | None:
        """Two dims the first of which is at least the second where it holds; None for one that says something else."""
        small, large = (self.left, self.right) if self.sign in ("<", "<=") else (self.right, self.left)
        if self.sign in ("==", "!="):
            return None
        return large, small if self.sign.endswith("=") else symbolic.combine("+", (small, "1"))

    def sizes(self, key: str, held: dict[str, int]) -> SizeSet:
        """The sizes of one axis at which it holds.

        Raises:
            UndecidableError: That cannot be told.
        """
        least = self.least()
        first, second = (eventual.of(each, key, held) for each in least or (self.left, self.right))
        apart = eventual.difference(first, second)
        if least is not None:
            return eventual.positive(apart)
        equal = eventual.zeros(apart)
        return equal if self.sign == "==" else eventual.complement(equal)

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at sizes of the symbols.

        Raises:
            ValueError: A dim is no number there.
        """
        left, right = (symbolic.evaluate(each, sizes) for each in (self.left, self.right))
        least = self.least()
        if least is not None:
            return symbolic.evaluate(least[0], sizes) >= symbolic.evaluate(least[1], sizes)
        return (left == right) == (self.sign == "==")


Conditions = tuple[Condition, ...]
"""All of which hold."""


def asked(conversion: Conversion, numbers: Sequence[Held], index: int, *, true: bool = True) -> Conditions | None:
    """What a value that is true or false asks of sizes; None where that is not known, or is no list of conditions all of which hold.

    Args:
        conversion: The conversion.
        numbers: What each of its values holds.
        index: Of the value.
        true: Whether it is asked to be true.
    """
    op = conversion.ops[conversion.values[index].op]
    name = ops.bare(op.name).rstrip("_")
    if name in _SIGNS:
        left, right = (numbers[operand] for operand in op.inputs[:2])
        if left is not None and right is not None and len(left) == len(right) == 1:
            found = Condition(left[0], _SIGNS[name], right[0])
            return (found if true else found.opposite,)
    elif name in ("cast", "assign"):
        return asked(conversion, numbers, op.inputs[0], true=true)
    elif name == ("logical_and" if true else "logical_or"):
        both = [asked(conversion, numbers, operand, true=true) for operand in op.inputs[:2]]
        return None if None in both else tuple(each for one in both for each in one or ())
    elif name == "logical_not":
        return asked(conversion, numbers, op.inputs[0], true=not true)
    return None


def alternatives(conversion: Conversion, index: int) -> list[int]:
    """The values one of which is true where a value is.

    Args:
        conversion: The conversion.
        index: Of the value.
    """
    op = conversion.ops[conversion.values[index].op]
    if ops.bare(op.name) in ("cast", "assign"):
        return alternatives(conversion, op.inputs[0])
    if ops.bare(op.name) == "logical_or":
        return [value for operand in op.inputs[:2] for value in alternatives(conversion, operand)]
    return [index]


def depends_on(conversion: Conversion, numbers: Sequence[Held], index: int) -> frozenset[str]:
    """The symbols of the numbers that a value which is true or false is made of."""
    found, pending, seen = frozenset[str](), [index], set[int]()
    while pending:
        value = pending.pop()
        if value < 0 or value in seen:
            continue
        seen.add(value)
        if numbers[value] is not None:
            found = found.union(*map(symbolic.symbols, numbers[value] or ()))
            continue
        op = conversion.ops[conversion.values[value].op]
        if op.name in ops.DECISIONS or ops.bare(op.name) in ("cast", "assign"):
            pending += op.inputs
    return found


def around(conversion: Conversion, numbers: Sequence[Held], place: int) -> list[Conditions | None]:
    """Where an op runs: wherever one of these holds; a None among them where that depends on more than sizes.

    Args:
        conversion: The conversion.
        numbers: What each of its values holds.
        place: Index of the op.
    """
    found: list[Conditions | None] = [()]
    op = conversion.ops[place]
    while op.parent >= 0:
        parent = conversion.ops[op.parent]
        if parent.name != ops.IF or not parent.inputs:
            return [None]
        if op.block == 0:
            values = alternatives(conversion, parent.inputs[0])
            sides = [asked(conversion, numbers, value) for value in values]
        else:
            sides = [asked(conversion, numbers, parent.inputs[0], true=False)]
        found = [
            None if inner is None or side is None else inner + side for inner, side in itertools.product(found, sides)
        ]
        op = parent
    return found if len(found) <= _MOST_ALTERNATIVES else [None]


def where(conditions: Conditions, key: str, held: dict[str, int]) -> SizeSet:
    """The sizes of one axis at which all conditions hold.

    Raises:
        UndecidableError: That cannot be told.
    """
    return reduce(and_, (condition.sizes(key, held) for condition in conditions), eventual.EVERY)
