"""What the fixes of a trace make of the files they change, once it is sure that these are the files that were watched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shapetrace import edits, source_files
from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.source_files import SourceFile
from shapetrace.trace import Edit, Finding, Fix, Trace


class Patch(NamedTuple):
    """One file, as it is and as it is to be."""

    path: str
    before: SourceFile
    after: str


class Patches(NamedTuple):
    """The files that fixes change, the fixes, and those that were left out."""

    files: tuple[Patch, ...]
    fixes: tuple[Fix, ...]
    left_out: tuple[Finding, ...]
    """Findings with edits that a person must judge."""


def collect(trace: Trace, *, maybe: bool = False) -> Patches:
    """The patches of a trace.

    Args:
        trace: The trace.
        maybe: Take the edits that a person must judge, too, as far as they fit to the others.

    Raises:
        UsageError: A file is gone, or has changed since the trace was made.
    """
    taken, left = choose(trace, maybe=maybe)
    return Patches(patches(taken, trace.digests), tuple(taken), tuple(left))


def choose(trace: Trace, *, maybe: bool = False) -> tuple[list[Fix], list[Finding]]:
    """The fixes of a trace that can be applied together, and the findings whose fixes are left out."""
    taken: dict[Fix, None] = dict.fromkeys(trace.fixed)
    left: list[Finding] = []
    for finding in sorted(trace.findings, key=lambda each: each.fix is None or each.fix.applicability != "machine"):
        fix = finding.fix
        if fix is None or not fix.edits:
            continue
        if fix.applicability == "machine" or (maybe and _fits(fix, taken)):
            taken[fix] = None
        else:
            left.append(finding)
    return list(taken), left


def patches(fixes: Iterable[Fix], digests: Mapping[str, str]) -> tuple[Patch, ...]:
    """What fixes make of the files they change.

    Args:
        fixes: The fixes.
        digests: Those of the files when they were watched.

    Raises:
        UsageError: A file is gone, or has changed since.
    """
    by_file: dict[str, list[Edit]] = {}
    for edit in edits.merged(edit for fix in fixes for edit in fix.edits):
        by_file.setdefault(edit.file, []).append(edit)
    return tuple(_patch(path, changes, digests.get(path)) for path, changes in by_file.items())


def _fits(fix: Fix, taken: Iterable[Fix]) -> bool:
    return not any(True for _ in edits.overlapping([*fix.edits, *(edit for other in taken for edit in other.edits)]))


def _patch(path: str, changes: list[Edit], digest: str | None) -> Patch:
    try:
        before = source_files.read(path)
    except OSError as error:
        raise UsageError(said("cannot read {}, which a fix changes: {}", path, error.strerror)) from None
    except SyntaxError as error:
        raise UsageError(said("cannot read {}, which a fix changes: {}", path, error)) from None
    if before.digest != digest:
        raise UsageError(said("{} has changed since the trace was made: make the trace again, then fix it", path))
    try:
        return Patch(path, before, edits.applied(before.text, changes))
    except ValueError as error:
        raise UsageError(said("the fixes do not fit {}: {}", path, error)) from None
