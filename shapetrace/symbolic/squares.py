"""Sets of sizes that are squares, or so much more than one: as many as there are roots, so no remainders tell them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from shapetrace.symbolic.eventual import SizeSet, UndecidableError


@dataclass(frozen=True)
class Squares:
    """Those of endless many sizes that are a square, and `more`."""

    sizes: SizeSet
    more: int = 0

    def __contains__(self, size: int) -> bool:
        return size in self.sizes and is_square(size - self.more)

    def __and__(self, other: SizeSet | Squares) -> SizeSet | Squares:
        if isinstance(other, Squares):
            if other.more != self.more:
                raise UndecidableError("it must be two squares")
            other = other.sizes
        both = self.sizes & other
        if both.endless:
            return Squares(both, self.more)
        return SizeSet(tuple(size in both and size in self for size in range(1, len(both.members) + 1)), both.period)

    __rand__ = __and__

    def first(self, many: int) -> list[int]:
        """The first of them, or fewer where they are far apart."""
        roots = range(len(self.sizes.members) + abs(self.more) + many)
        return [root * root + self.more for root in roots if root * root + self.more in self][:many]


SetOfSizes = SizeSet | Squares


def is_square(number: int) -> bool:
    """Whether a number is the square of a whole one."""
    return number >= 0 and isqrt(number) ** 2 == number
