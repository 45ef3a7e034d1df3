"""Which symbols of a conversion are one size: by a name of the user's, or by an op that wants them equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shapetrace.sizes.demands import Demand
from shapetrace.symbolic.form import SYMBOL
from shapetrace.trace import Conversion


def leaders(conversion: Conversion, demands: Iterable[Demand]) -> dict[str, str]:
    """For each symbol of an input axis the one that stands for all that are equal to it.

    Args:
        conversion: The conversion.
        demands: What its ops demand, wherever it runs.
    """
    axes = {symbol.key: symbol for symbol in conversion.symbols if symbol.input is not None}
    first: dict[str, str] = {}

    def of(key: str) -> str:
        while key in first:
            key = first[key]
        return key

    named: dict[str, str] = {}
    pairs = [(named.setdefault(symbol.name, key), key) for key, symbol in axes.items()]
    pairs += [
        (demand.left, demand.right) for demand in demands if demand.kind in ("equal", "broadcast") and not demand.when
    ]
    order = {key: place for place, key in enumerate(axes)}
    for left, right in pairs:
        if SYMBOL.match(left) and SYMBOL.match(right) and left in axes and right in axes and of(left) != of(right):
            before, after = sorted((of(left), of(right)), key=order.__getitem__)
            first[after] = before
    return {key: of(key) for key in axes}


def members(leading: Mapping[str, str]) -> dict[str, list[str]]:
    """The symbols that each leader stands for."""
    found: dict[str, list[str]] = {}
    for key, leader in leading.items():
        found.setdefault(leader, []).append(key)
    return found
