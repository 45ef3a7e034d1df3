"""What `dims` claim of the unknown dims of a conversion, and the sizes to try a dim at."""

from __future__ import annotations

from shapetrace.claims import Claim
from shapetrace.claims import read as read_claim
from shapetrace.rules.draws import SIZES
from shapetrace.said import said
from shapetrace.trace import Conversion, Input

MADE_BEFORE = said("the spec was made before the watch opened: its line is not known")


def of_input(spec: Input) -> list[Claim]:
    """What is claimed of each axis of an input; empty where nothing is."""
    return [read_claim(text) for text in spec.claims]


def claims(conversion: Conversion) -> dict[str, Claim]:
    """What is claimed of each symbol that the user has named, by its key."""
    by_axis = {
        (spec.name, axis): claim
        for spec in conversion.inputs
        for axis, claim in enumerate(of_input(spec))
        if claim.name
    }
    by_symbol = {}
    for symbol in conversion.symbols:
        claim = by_axis.get((symbol.input or "", -1 if symbol.axis is None else symbol.axis))
        if claim is not None:
            by_symbol[symbol.key] = claim
    return by_symbol


def sizes(claim: Claim | None) -> tuple[int, ...]:
    """Sizes of a dim that tell one expression from another, as claimed."""
    return SIZES if claim is None or not claim.bounded else tuple(dict.fromkeys(claim.near(SIZES)))
