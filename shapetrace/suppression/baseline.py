"""Findings that are known already, in a file: what is found again is not told, and only what is new counts.

A finding is known again by its rule and by the code that it is about, not by its line: it stays known when its file grows above it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from shapetrace import atomic_write
from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.trace import Finding, Site

VERSION = 1


class _Place(Struct, frozen=True):
    file: str
    """Relative to the folder of the baseline; of an installed package, relative to that."""
    function: str
    code: str


class _Known(Struct, frozen=True, omit_defaults=True):
    rule: str
    expression: str
    sink: _Place | None = None
    source: _Place | None = None


class _Counted(_Known, frozen=True, omit_defaults=True):
    count: int = 1


class _File(Struct):
    version: int
    findings: list[_Counted]


class Baseline:
    """What a baseline file knows.

    Args:
        path: The file.

    Raises:
        UsageError: It cannot be read, or is no baseline.
    """

    def __init__(self, path: str) -> None:
        self._root = _root(path)
        self._known: Counter[_Known] = Counter()
        try:
            with open(path, "rb") as file:
                content = msgspec.json.decode(file.read(), type=_File)
        except OSError as error:
            raise UsageError(
                said("cannot read the baseline {}: {}; --write-baseline {} makes one", path, error.strerror, path)
            ) from None
        except msgspec.MsgspecError as error:
            raise UsageError(said("{} is no baseline of shapetrace: {}", path, error)) from None
        if content.version != VERSION:
            raise UsageError(
                said("{} is a baseline of version {}, and this shapetrace reads {}", path, content.version, VERSION)
            )
        for entry in content.findings:
            self._known[_Known(entry.rule, entry.expression, entry.sink, entry.source)] += entry.count

    def knows(self) -> Callable[[Finding], bool]:
        """What tells of one finding after the other whether it is among those of the file; as often as it is there."""
        left = self._known.copy()

        def known(finding: Finding) -> bool:
            identity = _known(finding, self._root)
            left[identity] -= 1
            return left[identity] >= 0

        return known


def write(path: str, findings: Iterable[Finding]) -> None:
    """Write a baseline that knows these findings.

    Raises:
        UsageError: It cannot be written.
    """
    counts = Counter(_known(finding, _root(path)) for finding in findings)
    listed = [
        _Counted(identity.rule, identity.expression, identity.sink, identity.source, count)
        for identity, count in counts.items()
    ]
    listed.sort(key=lambda entry: (entry.rule, msgspec.json.encode(entry)))
    content = msgspec.json.format(msgspec.json.encode(_File(VERSION, listed)), indent=2) + b"\n"
    try:
        atomic_write.write(path, content)
    except OSError as error:
        raise UsageError(said("cannot write the baseline {}: {}", path, error.strerror)) from None


def _root(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))


def _known(finding: Finding, root: str) -> _Known:
    return _Known(finding.rule, _plain(finding.expression), _place(finding.sink, root), _place(finding.source, root))


def _place(site: Site | None, root: str) -> _Place | None:
    if site is None:
        return None
    return _Place(_plain(_portable(site.file, root)), _plain(site.function), _plain(" ".join(site.code.split())))


def _portable(file: str, root: str) -> str:
    """A path that is the same in another checkout, or where Paddle is installed elsewhere."""
    for packages in ("/site-packages/", "/dist-packages/"):
        if packages in file:
            return file.rpartition(packages)[2]
    inside = file.startswith(root + os.sep)
    return (os.path.relpath(file, root) if inside else file).replace(os.sep, "/")


def _plain(text: str) -> str:
    """A text that JSON takes: names of files need not be UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
