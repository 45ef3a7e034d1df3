"""Fixes that were made of texts which earlier fixes had changed, as fixes of the files themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from shapetrace import edits, source_files
from shapetrace.trace import Edit, Fix


def together(first: Sequence[Fix], later: Iterable[Fix]) -> list[Fix]:
    """The fixes of both rounds, all with edits of the files as they are on the disk.

    Args:
        first: Fixes of the files.
        later: Fixes of what the first make of the files.
    """
    later = list(later)
    moved: dict[tuple[int, Edit], Edit] = {}
    for file in {edit.file for fix in (*first, *later) for edit in fix.edits}:
        old, new = ([edit for fix in fixes for edit in fix.edits if edit.file == file] for fixes in (first, later))
        moved |= edits.composed(source_files.read(file).text, old, new)
    return [_moved(fix, number, moved) for number, fixes in ((1, first), (2, later)) for fix in fixes]


def _moved(fix: Fix, number: int, moved: dict[tuple[int, Edit], Edit]) -> Fix:
    return structs.replace(fix, edits=tuple(dict.fromkeys(moved[number, edit] for edit in fix.edits)))
