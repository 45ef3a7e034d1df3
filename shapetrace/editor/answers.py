"""What an editor is told of one file of a trace, by lines and without a word of the protocol."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from shapetrace.annotated import File, Line, Made, Read, annotate
from shapetrace.annotated.way import Stop, Ways
from shapetrace.editor.standing import Standing, standing
from shapetrace.reports.printable import short
from shapetrace.reports.translations import current, worded
from shapetrace.said import Sentence, said
from shapetrace.trace import Finding, Fix, Site, Trace

_MOST_WAYS = 4
_MOST_STOPS = 12
STALE = said("the source has changed since the trace: run `shapetrace run --trace` again to see its shapes")


class Hint(NamedTuple):
    """What stands at the end of a line, from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Problem:
    """A finding, where it stands in the text."""

    finding: Finding
    message: str
    site: Site
    """In lines of the text."""
    related: tuple[tuple[Site, str], ...]
    """Places in lines of the trace, with what happened there."""
    fix: Fix | None
    """What can be applied to the text as it is; None where there is nothing, or a file has changed."""


class Answers:
    """Answers for the files of one trace.

    Args:
        trace: The trace.
        root: Directory that relative paths in it are meant from.
    """

    def __init__(self, trace: Trace, root: str) -> None:
        self.trace = trace
        self._root = root
        self._files = {self._path(file.path): file for file in annotate(trace)}
        self._ways = Ways(trace)
        self._standing: dict[str, tuple[int, Standing]] = {}

    def _path(self, path: str) -> str:
        return os.path.realpath(os.path.join(self._root, path))

    @property
    def paths(self) -> list[str]:
        """The files it knows of."""
        return list(self._files)

    def file(self, path: str) -> File | None:
        """What the trace has of a file."""
        return self._files.get(os.path.realpath(path))

    def standing(self, path: str, text: list[str]) -> Standing:
        """Where the lines of a file stand in its text; the last answer is kept."""
        file = self.file(path)
        if file is None:
            return Standing()
        digest = hash(tuple(text))
        kept = self._standing.get(path)
        if kept is None or kept[0] != digest:
            kept = self._standing[path] = digest, standing(file, text)
        return kept[1]

    def hints(self, path: str, text: list[str], first: int = 1, last: int = 1 << 30) -> list[Hint]:
        """The shapes at the ends of lines, and a word where they are stale."""
        file = self.file(path)
        if file is None:
            return []
        place = self.standing(path, text)
        hints = [
            Hint(place.lines[number], said)
            for number, line in file.lines.items()
            if number in place.lines and first <= place.lines[number] <= last and (said := _beside(line))
        ]
        return sorted([*hints, *(Hint(line, worded("stale")) for _, line in place.stale if first <= line <= last)])

    def hover(self, path: str, text: list[str], number: int) -> str:
        """What there is to say of a line of the text, in Markdown; empty for nothing."""
        place = self.standing(path, text)
        changed = [name for name, line in place.stale if line == number]
        file, known = self.file(path), {now: then for then, now in place.lines.items()}
        line = file.lines.get(known[number]) if file is not None and number in known else None
        parts = [worded("**{}**: {}", short(name), STALE) for name in changed]
        if line is not None:
            parts += [*map(self._made, line.makes), *map(_read, line.reads), *self._told_ways(line)]
        return "\n\n".join(parts)

    def _made(self, made: Made) -> str:
        layers = ", ".join(f"`{short(layer.strip('/'), 80)}`" for layer in made.layers[:4])
        times = worded(" {} times", len(made.tensors)) if len(made.tensors) > 1 else ""
        return f"`{_shape(made)}`{times}{worded(' in {}', layers) if layers else ''}"

    def _told_ways(self, line: Line) -> Iterator[str]:
        told: set[str] = set()
        for made in line.makes:
            for axis, size in enumerate(made.shape or made.holds or ()):
                if size.roots and size.text not in told and len(told) < _MOST_WAYS:
                    told.add(size.text)
                    yield self._way(size.text, self._ways.way(*made.tensors[0], axis, held=not made.shape))

    def _way(self, dim: str, stops: list[Stop]) -> str:
        lines = [
            f"- `{stop.dim}` {os.path.basename(stop.file)}:{stop.line} `{short(self._code(stop), 90)}`"
            for stop in stops
        ]
        if len(lines) > _MOST_STOPS:
            lines[_MOST_STOPS // 2 : -_MOST_STOPS // 2] = [worded("- … {} more", len(lines) - _MOST_STOPS)]
        return "\n".join([worded("The way of `{}`:", dim), *lines])

    def _code(self, stop: Stop) -> str:
        file = self._files.get(self._path(stop.file))
        return stop.code or (file.code(stop.line).strip() if file is not None else "")

    def problems(self, path: str, text: list[str]) -> list[Problem]:
        """The findings that stand in a file, those of changed functions left out."""
        place = self.standing(path, text)
        found = []
        for finding in self.trace.findings:
            site = finding.sink or finding.source
            if site is None or self._path(site.file) != os.path.realpath(path) or site.line not in place.lines:
                continue
            found.append(self._problem(finding, _moved(site, place), path, text))
        return found

    def _problem(self, finding: Finding, site: Site, path: str, text: list[str]) -> Problem:
        related: list[tuple[Site | None, Sentence]] = []
        if finding.sink is not None:
            related.append((finding.source, said("the number comes from here")))
        if finding.cause is not None:
            cause = finding.cause
            related += [(cause.wrapped, said("wrapped here, so not rewritten")), (cause.site, said("called here"))]
        say = current().say
        lines = [say(finding.said), *((worded("fix: {}", finding.fix.said),) if finding.fix else ())]
        message = "\n".join(short(line, 1000) for line in lines)
        places = tuple((where, say(what)) for where, what in related if where is not None)
        return Problem(finding, message, site, places, self._fix(finding, path, text))

    def _fix(self, finding: Finding, path: str, text: list[str]) -> Fix | None:
        """The fix of a finding where each file that it changes is what it was. The text may not be saved, and has other line ends then."""
        fix = finding.fix
        if fix is None or not fix.edits:
            return None
        for file in {edit.file for edit in fix.edits}:
            known = self.trace.digests.get(file, "")
            if known not in (_digests(text) if self._path(file) == os.path.realpath(path) else {self._on_disk(file)}):
                return None
        return fix

    def _on_disk(self, file: str) -> str:
        """The digest of another file of the project; empty for one outside of it, which is not opened."""
        path = self._path(file)
        if os.path.commonpath([path, os.path.realpath(self._root)]) != os.path.realpath(self._root):
            return "outside"
        try:
            with open(path, "rb") as opened:
                return hashlib.sha256(opened.read()).hexdigest()
        except OSError:
            return "gone"

    def path(self, file: str) -> str:
        """The path of a file of the trace on this machine."""
        return self._path(file)


def _digests(text: list[str]) -> set[str]:
    """What the digest of a text can be: with or without a last line end, and with those of Windows."""
    return {
        hashlib.sha256(f"{ends.join(text)}{last}".encode("utf-8", "replace")).hexdigest()
        for ends in ("\n", "\r\n")
        for last in ("", ends)
    }


def _moved(site: Site, place: Standing) -> Site:
    by = place.lines[site.line] - site.line
    return Site(site.file, site.line + by, site.column, max(site.end_line, site.line) + by, site.end_column)


def _beside(line: Line) -> str:
    told, before = [], None
    for made in line.makes:
        again = made.name and made.name == before
        times = f" {len(made.tensors)}×" if len(made.tensors) > 1 else ""
        told.append(_shape(made, named=not again) + times)
        before = made.name
    return short("  ".join([*told, *map(_beside_read, line.reads)]), 160)


def _shape(made: Made, named: bool = True) -> str:
    shape = f"[{', '.join(size.text for size in made.shape)}]"
    held = ", ".join(size.text for size in made.holds or ())
    said = shape if made.holds is None else f"{shape} = ({held})" if made.shape else held
    return short(f"{made.name}: {said}" if made.name and named else said, 160)


def _beside_read(read: Read) -> str:
    meant = worded(" in place of {}", read.meant.text) if read.meant.text else ""
    return f"{read.name} = {read.value}{meant}"


def _read(read: Read) -> str:
    return f"`{short(_beside_read(read), 200)}`"
