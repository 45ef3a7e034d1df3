"""Finds the dims that people mean by what reports print: `image[0]`, `%12`, `decoder.py:45`, `ST101`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.errors import UsageError
from shapetrace.graph import why
from shapetrace.said import Sentence, said
from shapetrace.trace import Finding, Site, Tensor, Trace

_AXIS = re.compile(r"(?P<name>.+)\[(?P<axis>-?\d{1,9})\]")
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d{1,9})(?::\d+)?")
_FEW = 5  # tensors that are named


def dims(trace: Trace, what: str, axis: int | None = None) -> list[tuple[Tensor, int]]:
    """The dims that are meant, each once.

    Args:
        trace: The trace.
        what: A tensor, `%12` or `image`, with an axis of its own; one axis of it, `image[0]`; the name of a dim, `B`; or the place or
            the rule of a finding, `decoder.py:45` or `ST101`, for the dims that it goes back to.
        axis: The axis of a tensor.

    Raises:
        UsageError: There is no such thing; the sentence says what there is.
    """
    if axis is not None:
        return [(why.find(trace, what), axis)]
    if named := _AXIS.fullmatch(what):
        return [(why.find(trace, named["name"]), int(named["axis"]))]
    for conversion in reversed(trace.conversions):
        for symbol in conversion.symbols:
            if symbol.name == what and symbol.input is not None and symbol.axis is not None:
                return [(why.find(trace, symbol.input), symbol.axis)]
    if findings := _findings(trace, what):
        dims = list(dict.fromkeys(dim for finding in findings for dim in _of_finding(trace, finding)))
        if not dims:
            raise UsageError(said("the finding {} goes back to no dim of a tensor: name a tensor and its axis", what))
        return [(Tensor(trace.conversions[conversion], tensor), axis) for conversion, tensor, axis in dims]
    if place := _PLACE.fullmatch(what):
        raise UsageError(_none_at(trace, place["file"], int(place["line"])))
    tensor = why.find(trace, what)
    raise UsageError(
        said("which axis of {} {}? Write it behind, from 0: {} 0", tensor.name, why.shown(tensor), tensor.name)
    )


def _findings(trace: Trace, what: str) -> list[Finding]:
    place = _PLACE.fullmatch(what)
    return [
        finding
        for finding in trace.findings
        if finding.rule == what.upper()
        or (place and any(_at(site, place["file"], int(place["line"])) for site in (finding.sink, finding.source)))
    ]


def _of_finding(trace: Trace, finding: Finding) -> Iterator[tuple[int, int, int]]:
    for read in finding.reads:
        dim = trace.dims[read]
        if dim.conversion >= 0 and dim.tensor >= 0:
            yield dim.conversion, dim.tensor, dim.axis
    for number in finding.ops if not finding.reads else ():
        conversion = trace.conversions[finding.conversion]
        for operand in conversion.ops[number].inputs:
            for axis, size in enumerate(conversion.values[operand].shape if operand >= 0 else ()):
                if size < 0:
                    yield finding.conversion, operand, axis


def _at(site: Site | None, file: str, line: int) -> bool:
    if site is None or not site.line <= line <= max(site.line, site.end_line):
        return False
    return f"/{site.file}".replace("\\", "/").endswith("/" + file.replace("\\", "/").removeprefix("./").lstrip("/"))


def _none_at(trace: Trace, file: str, line: int) -> Sentence:
    """That no finding is at a place, with the tensors that are made there."""
    made = [
        f"{tensor.name} {why.shown(tensor)}"
        for conversion in trace.conversions
        for tensor in conversion.tensors
        if _at(tensor.site, file, line)
    ]
    told = said("there is no finding at {}", f"{file}:{line}")
    return said("{}; tensors that are made there: {}", told, ", ".join(made[:_FEW])) if made else told
