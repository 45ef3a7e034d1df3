"""Which sizes an export takes, as plain values for `shapetrace sizes --json` and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapetrace.sizes import extents, wording
from shapetrace.sizes.extents import Extent
from shapetrace.sizes.pattern import Pattern
from shapetrace.sizes.ranges import ENDS, Ranges
from shapetrace.sizes.results import Axis, Because, Sizes, Tie

VERSION = 1
"""Version of the form. It counts up when something is renamed or taken away, not when it is added."""


def document(found: Sequence[Sizes], ranges: Ranges | None = None, *, inner: bool = False) -> dict[str, Any]:
    """The sizes of an export; of a trace with several conversions, those of the last, and all under `conversions`.

    Args:
        found: The sizes.
        ranges: What the last of them is deployed for.
        inner: Whether to tell the ranges of the tensors within too.
    """
    result = {"version": VERSION, **of_export(found[-1])}
    if ranges is not None:
        result["ranges"] = _ranges(ranges, inner)
    return {**result, "conversions": [of_export(each) for each in found]} if len(found) > 1 else result


def of_export(found: Sizes) -> dict[str, Any]:
    """The sizes of one export.

    Args:
        found: The sizes.
    """
    return {
        "function": found.function,
        "axes": [_axis(axis) for axis in found.axes],
        "equal": [list(places) for places in found.equal],
        "or_one": [list(places) for places in found.or_one],
        "ones": [[list(choice) for choice in choices] for choices in found.ones],
        "together": [{**_because(tie.because), **_tie(tie)} for tie in found.ties],
        "at": found.at,
        "proven": found.proven,
        "unproven": str(found.unproven) or None,
        "tried": found.tried,
    }


def _ranges(ranges: Ranges, inner: bool) -> dict[str, Any]:
    shapes = {end: ranges.shapes(end) for end in ENDS}
    result: dict[str, Any] = {
        "inputs": {name: {end: shapes[end][name] for end in ENDS} for name in shapes["min"]},
        "notes": [str(note) for note in ranges.notes()],
    }
    if inner:
        result["tensors"] = [_extent(extent) for extent in extents.tensors(ranges)]
    return result


def _extent(extent: Extent) -> dict[str, Any]:
    site = extent.site
    return {
        "name": extent.name,
        "op": extent.op,
        "file": site.file if site is not None else None,
        "line": site.line if site is not None else None,
        **{end: [axis and axis[place] for axis in extent.axes] for place, end in enumerate(ENDS)},
    }


def _tie(tie: Tie) -> dict[str, Any]:
    """What must hold, as lists that begin with the name of a function."""
    return {"kind": tie.kind, "left": tie.left, "right": tie.right, "when": tie.when}


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "input": axis.input,
        "axis": axis.axis,
        "symbol": axis.symbol,
        "state": axis.state,
        "says": str(axis.said),
        **_pattern(axis.pattern),
        "because": [_because(because) for because in axis.because],
        "undecided": [_because(because) for because in axis.undecided],
        "held": dict(axis.held),
        "alone": None if axis.alone is None else {"says": str(wording.of_pattern(axis.alone)), **_pattern(axis.alone)},
        "remarks": [str(remark) for remark in axis.remarks],
    }


def _pattern(found: Pattern) -> dict[str, Any]:
    return {
        "multiple_of": found.multiple_of,
        "square_and": found.square_and,
        "modulus": found.modulus,
        "residues": None if found.residues is None else list(found.residues),
        "also": list(found.also),
        "at_least": found.at_least,
        "at_most": found.at_most,
        "values": None if found.values is None else list(found.values),
    }


def _because(because: Because) -> dict[str, Any]:
    site = because.site
    return {
        "file": site.file if site is not None else None,
        "line": site.line if site is not None else None,
        "code": site.code if site is not None else None,
        "op": because.op,
        "layer": because.layer,
        "says": str(because.said),
    }
