"""Patches as one unified diff, and written to their files: all of them, or none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from shapetrace import atomic_write, source_files
from shapetrace.errors import UsageError
from shapetrace.fix.patches import Patch
from shapetrace.reports.printable import path as path_of
from shapetrace.reports.printable import relative
from shapetrace.said import said


def unified(patches: Iterable[Patch]) -> str:
    """The patches as one unified diff, which `git apply` and `patch -p1` take in the current directory."""
    return "".join(line for patch in patches for line in _diff(patch))


def write(patches: Sequence[Patch]) -> None:
    """Write the patched files. If one cannot be written, those before it become again what they were.

    Raises:
        UsageError: One cannot be written.
    """
    contents = [(patch, _encoded(patch)) for patch in patches]
    written: list[Patch] = []
    for patch, content in contents:
        try:
            atomic_write.write(patch.path, content)
        except OSError as error:
            for done in written:
                with suppress(OSError):  # its directory may be the one that has become full
                    atomic_write.write(done.path, source_files.encoded(done.before.text, done.before))
            raise UsageError(said("cannot write {}, so nothing was changed: {}", patch.path, error.strerror)) from None
        written.append(patch)


def _encoded(patch: Patch) -> bytes:
    try:
        return source_files.encoded(patch.after, patch.before)
    except UnicodeEncodeError as error:
        raise UsageError(
            said("cannot write {} in its encoding {}: {}", patch.path, patch.before.encoding, error.reason)
        ) from None


def _diff(patch: Patch) -> Iterator[str]:
    name = relative(patch.path)
    old, new = (name, name) if path_of(name).is_absolute() else (f"a/{name}", f"b/{name}")
    before, after = patch.before.text.splitlines(keepends=True), patch.after.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, old, new):
        yield line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n"
