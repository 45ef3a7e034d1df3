"""Words what will run as it stands in a conversion: a warning where it reads a shape, else a note."""

from __future__ import annotations

from types import CodeType
from typing import Any

from shapetrace.doctor import inputs, skipped
from shapetrace.doctor.first_conversion import Conversion
from shapetrace.doctor.lines import Level, Line
from shapetrace.doctor.skipped import Skipped
from shapetrace.reports import wording
from shapetrace.reports.printable import relative
from shapetrace.rules import answers
from shapetrace.said import Said, joined, said
from shapetrace.trace import Cause, Finding, Site

_SUBJECT = "callables"
_NAMED = 6  # of those that read no shape


def lines(conversion: Conversion) -> list[Line]:
    """A warning for each callable that reads a shape, and one note on all others.

    Args:
        conversion: What was to be converted. Where it leaves no axis unknown, a warning is a note.
    """
    if conversion.layer is None:
        return []
    alike: dict[tuple[str, Any], list[Skipped]] = {}
    for skip in (*skipped.held(conversion.layer), *skipped.called(conversion.layer)):
        alike.setdefault((skip.kind, skip.code or skip.name), []).append(skip)
    level: Level = "warning" if inputs.unknown(conversion) else "note"
    result = [_reading(group, level) for group in alike.values() if group[0].reads_shape]
    harmless = [group for group in alike.values() if not group[0].reads_shape]
    if harmless:
        names = joined("{}, {}", list(map(_path, harmless[:_NAMED])))
        if len(harmless) > _NAMED:
            names = said("{} and {} more", names, len(harmless) - _NAMED)
        result.append(Line("note", _SUBJECT, said("run as they stand, and read no shape: {}", names)))
    return result or [Line("ok", _SUBJECT, said("none found that the conversion would skip"))]


def _path(group: list[Skipped]) -> Said:
    path, kind = group[0].path, group[0].kind
    return (
        said("{} and {} more like it ({})", path, len(group) - 1, kind)
        if len(group) > 1
        else said("{} ({})", path, kind)
    )


def skipped_code(conversion: Conversion) -> frozenset[CodeType]:
    """The code that the conversion will run as it stands, as far as that reads shapes."""
    if conversion.layer is None:
        return frozenset()
    group = (*skipped.held(conversion.layer), *skipped.called(conversion.layer))
    return frozenset(item.code for item in group if item.code is not None)


def remedies(layer: Any) -> set[str]:
    """Names of the remedies that have something to repair in a layer: a callable in it that reads a shape."""
    reading = [item for item in (*skipped.held(layer), *skipped.called(layer)) if item.reads_shape]
    return {name for finding in answers.named(list(map(_leak, reading)), []) for name in finding.remedies}


def _leak(skipped: Skipped) -> Finding:
    """Such as a dim that a callable reads would give."""
    code = skipped.code
    site = Site(code.co_filename, code.co_firstlineno, function=skipped.name) if code is not None else None
    return Finding("ST101", "error", "", source=site, cause=Cause(skipped.kind, skipped.name, defined=site))


def _reading(group: list[Skipped], level: Level) -> Line:
    first = group[0]
    leak = _leak(first)
    site, cause = leak.source, leak.cause
    assert cause is not None
    remedies = answers.named([leak], [])[0].remedies
    place = f" ({relative(site.file)}:{site.line})" if site is not None else ""
    do = f"shapetrace run {wording.flag(remedies[0])} SCRIPT" if remedies else ""
    return Line(
        level,
        _SUBJECT,
        said(
            "{}: `{}`{} reads a shape and will not be rewritten, because {}; an unknown dim is the int -1 in it",
            _path(group),
            first.name,
            place,
            wording.reason(cause),
        ),
        do or said("make it a method of the layer, or a function of its module"),
    )
