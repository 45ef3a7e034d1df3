"""Sizes to try unknown dims at: each drawn by itself, and alike only where the model wants them equal.

What compares two dims (`up.shape != skip.shape`, `max(h, w)`, an area) looks constant where all unknown dims have one size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from shapetrace.rules import forced
from shapetrace.trace import Conversion

SIZES = (1, 2, 3, 4, 7, 8, 15, 16, 32, 33, 64, 100, 224, 640, 1024)
"""Sizes tried to see whether a number Python computed from -1 would be the same with a real size."""

_FACTORS = (2, 3, 4, 8, 16, 32, 64)
"""What sizes are mostly multiplied and divided by: strides, heads."""
_LARGEST = 1 << 31

_SYMBOL = re.compile(r"\w+")
_STRIDE = 4
"""By which two dims are apart in the sizes; 15 sizes have no common divisor with it, so that all are tried."""


def draws(groups: Sequence[Sequence[str]], sizes: Sequence[int]) -> Iterator[dict[str, int]]:
    """Sizes of symbols: all alike, each a little more than the last, each a little less, and far apart.

    Args:
        groups: The symbols, those together that are always equal.
        sizes: The sizes to draw from.
    """
    for place, size in enumerate(sizes):
        yield _assigned(groups, [size] * len(groups))
        if len(groups) > 1:
            yield _assigned(groups, [size + shift for shift in range(len(groups))])
            yield _assigned(groups, [size + len(groups) - shift for shift in range(len(groups))])
            yield _assigned(groups, [sizes[(place + _STRIDE * shift) % len(sizes)] for shift in range(len(groups))])


def near(number: float, least: int) -> tuple[int, ...]:
    """Sizes at which a dim, half of it, twice it, and so on, may be equal to a number, and those beside them.

    Args:
        number: What the dim is compared with.
        least: The smallest size that a dim can have.
    """
    if not abs(number) < _LARGEST:
        return ()
    whole = int(number)
    at = [whole, *(whole * factor for factor in _FACTORS), *(whole // factor for factor in _FACTORS)]
    return tuple(dict.fromkeys(size + beside for size in at for beside in (0, 1, -1) if size + beside >= least))


def _assigned(groups: Sequence[Sequence[str]], sizes: Sequence[int]) -> dict[str, int]:
    return {key: size for group, size in zip(groups, sizes, strict=True) for key in group}


class Equal:
    """Which symbols of a conversion are equal wherever the model runs: by a name of the user's, or by an op that has run.

    An op that comes after a dim was read proves nothing of it: it may fit only because Python took the way it took.

    Args:
        conversion: The conversion.
    """

    def __init__(self, conversion: Conversion) -> None:
        self._named: dict[str, list[str]] = {}
        for symbol in conversion.symbols:
            self._named.setdefault(symbol.name, []).append(symbol.key)
        self._forced = [
            (place, pair.left, pair.right)
            for place, op in enumerate(conversion.ops)
            if op.parent < 0
            for pair in forced.pairs(conversion, op)
            if _SYMBOL.fullmatch(pair.left) and _SYMBOL.fullmatch(pair.right) and not _a_number(pair)
        ]

    def groups(self, keys: Iterable[str], before: int) -> list[list[str]]:
        """Symbols put together that are equal.

        Args:
            keys: The symbols.
            before: Index of an op; those that come after it do not count.
        """
        first: dict[str, str] = {}

        def of(key: str) -> str:
            while key in first:
                key = first[key]
            return key

        pairs = [(keys[0], key) for keys in self._named.values() for key in keys[1:]]
        pairs += [(left, right) for place, left, right in self._forced if place <= before]
        for left, right in pairs:
            if of(left) != of(right):
                first[of(right)] = of(left)
        grouped: dict[str, list[str]] = {}
        for key in sorted(keys):
            grouped.setdefault(of(key), []).append(key)
        return list(grouped.values())


def _a_number(pair: forced.Pair) -> bool:
    return pair.left.isdigit() or pair.right.isdigit()
