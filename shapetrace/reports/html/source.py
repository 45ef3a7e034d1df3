"""Packs the annotated source into the rows that the page's script draws."""

from __future__ import annotations

from typing import Any

from shapetrace.annotated import File, Line, annotate
from shapetrace.reports.printable import relative, short
from shapetrace.trace import Trace

_LONGEST_LINE = 400
_STATES = {"": 0, "unseen": 1, "as-is": 2}


def pack(trace: Trace) -> dict[str, Any]:
    """The files of a trace that have something to say.

    Args:
        trace: The trace.

    Returns:
        `files`, each with its `rows`: number, text, state (1: no conversion came by, 2: run as it stands), and where there is
        something to say, what the line makes (`[name, conversion, tensor, count, layers]`, whose shapes are those of the tensor), the
        numbers read there (`[name, value, meant, conversion, tensor, axis]`), and the findings; `roots`, the input axes in the order of their
        colours; `rootsOf`, from the text of a dim to indices of these.
    """
    roots: dict[str, int] = {}
    of_text: dict[str, list[int]] = {}
    files = [_file(file, roots, of_text) for file in annotate(trace)]
    return {"files": files, "roots": [short(root) for root in roots], "rootsOf": of_text}


def _file(file: File, roots: dict[str, int], of_text: dict[str, list[int]]) -> dict[str, Any]:
    for line in file.lines.values():
        sizes = [size for made in line.makes for size in (*made.shape, *(made.holds or ()))]
        for size in (*sizes, *(read.meant for read in line.reads)):
            if size.roots:
                of_text[short(size.text)] = [roots.setdefault(root, len(roots)) for root in size.roots]
    return {
        "path": short(relative(file.path), 400),
        "file": short(file.path),
        "library": file.library,
        "rows": _rows(file),
    }


def _rows(file: File) -> list[list[Any]]:
    states = file.states()
    within = {n for function, _ in file.functions for n in range(function.first, function.last + 1)}
    shown = {n for n, text in enumerate(file.text, 1) if text.strip()} | (within & set(range(len(file.text) + 1)))
    folded = {
        n
        for function, state in file.functions
        if state == "unseen"
        for n in range(function.first + 1, function.last + 1)
    }
    shown -= {n for n in shown - within if file.text[n - 1].strip() == "..."}  # in place of what the trace left out
    numbers = sorted((shown - folded) | set(file.lines))
    return [_row(file, number, _STATES[states.get(number, "")]) for number in numbers]


def _row(file: File, number: int, state: int) -> list[Any]:
    row: list[Any] = [number, short(file.code(number), _LONGEST_LINE) if file.text else "", state]
    line = file.lines.get(number)
    return row if line is None else [*row, *_said(line)]


def _said(line: Line) -> list[Any]:
    makes = [
        [short(made.name, 60), *made.tensors[0], len(made.tensors), [short(layer, 200) for layer in made.layers[:8]]]
        for made in line.makes
    ]
    reads = [[short(read.name, 60), short(read.value, 60), short(read.meant.text), *read.tensor] for read in line.reads]
    return [makes, reads, line.findings]
