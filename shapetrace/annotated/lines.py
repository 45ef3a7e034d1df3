"""A trace as the user's files: each line with the shapes it makes, the dims it reads, and the findings that stand there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, NamedTuple

from shapetrace import symbolic
from shapetrace.annotated.executions import REWRITTEN, Frame, Run, levels, runs
from shapetrace.annotated.statements import Function, Parsed, parsed
from shapetrace.trace import Conversion, Trace
from shapetrace.trace.dims import DimExpressions

State = Literal["", "unseen", "as-is"]
"""`unseen`: no conversion came by; `as-is`: Paddle ran the function without rewriting it."""

_LAST_LINE = 100_000
"""Of a line that a trace quotes; a forged one could have any number."""
_LIBRARIES = ("/site-packages/", "/dist-packages/")


class Size(NamedTuple):
    """One dim, and the input axes it goes back to."""

    text: str
    roots: tuple[str, ...] = ()


@dataclass
class Made:
    """Tensors of one shape that a line makes."""

    name: str
    """What they are assigned to, `return`, or empty where that cannot be told."""
    shape: tuple[Size, ...]
    holds: tuple[Size, ...] | None
    """Of a small tensor that holds dims: these."""
    known: bool
    """Whether the shape is symbolic; else it is Paddle's, with `?` for what is unknown."""
    tensors: list[tuple[int, int]] = field(default_factory=list)
    """Conversion and value of each."""
    layers: list[str] = field(default_factory=list)
    """The layers they were made in, each once."""


class Read(NamedTuple):
    """A dim that Python held as a number."""

    name: str
    """The variable it was bound to, else the expression."""
    value: str
    meant: Size
    """What it stands for; an empty text where that is not known."""
    tensor: tuple[int, int, int]
    """Conversion, value and axis it was read from; -1 each where it was computed."""


@dataclass
class Line:
    """What there is to say of one line."""

    makes: list[Made] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    findings: list[int] = field(default_factory=list)
    """Indices of the findings whose sink, or source, stands here."""


@dataclass
class File:
    """One of the user's files, or of a library with models."""

    path: str
    text: list[str]
    """Its lines; empty where the trace has no source."""
    lines: dict[int, Line] = field(default_factory=dict)
    """By their numbers, those that there is something to say of."""
    functions: list[tuple[Function, State]] = field(default_factory=list)

    @property
    def library(self) -> bool:
        """Whether it is of an installed package."""
        return any(part in self.path.replace("\\", "/") for part in _LIBRARIES)

    def code(self, number: int) -> str:
        """The text of a line; empty where the trace has it not."""
        return self.text[number - 1] if 0 < number <= len(self.text) else ""

    def states(self) -> dict[int, State]:
        """The lines of functions whose state is worth marking."""
        by_line: dict[int, State] = {}
        for function, state in self.functions:  # inner ones last
            by_line.update(dict.fromkeys(range(function.first, function.last + 1), state))
        return {line: state for line, state in by_line.items() if state}


def annotate(trace: Trace) -> list[File]:
    """The files of a trace, those with findings and the user's own first.

    Args:
        trace: The trace. One without source gives files without text, and lines without names.
    """
    writer = _Writer(trace)
    for index, conversion in enumerate(trace.conversions):
        writer.conversion(index, conversion)
    writer.reads()
    writer.findings()
    return writer.files()


class _Writer:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.lines: dict[str, dict[int, Line]] = {}
        self.folded: dict[tuple[object, ...], Made] = {}
        self.parsed: dict[str, Parsed] = {}
        self.seen: dict[str, set[int]] = {}

    def line(self, file: str, number: int) -> Line:
        return self.lines.setdefault(file, {}).setdefault(number, Line())

    def source(self, file: str) -> Parsed:
        if file not in self.parsed:
            self.parsed[file] = parsed(self.trace.files.get(file, ""))
        return self.parsed[file]

    def frame_at(self, index: int) -> Frame | None:
        site = self.trace.sites[index]
        if REWRITTEN in site.file:
            return None
        return Frame(site.file, site.function, self.source(site.file).at(site.line))

    def conversion(self, index: int, conversion: Conversion) -> None:
        sizes = _Sizes(conversion)
        ended = _ended(self.trace, index)
        sites = {*ended, *chain.from_iterable({op.stack for op in conversion.ops})}
        frames = {site: self.frame_at(site) for site in sites}
        recorded = runs(conversion, frames.__getitem__, ended)
        for run in recorded:
            self.seen.setdefault(run.frame.file, set()).add(run.frame.statement.first)
        for run in levels(recorded):
            for name, value in _named(conversion, run):
                self.made(index, conversion, run, name, value, sizes)

    def made(self, index: int, conversion: Conversion, run: Run, name: str, value: int, sizes: _Sizes) -> None:
        shape, holds, symbolic = sizes.of(value)
        key = (run.frame.file, run.frame.statement.first, name, shape, holds)
        made = self.folded.get(key)
        if made is None:
            made = self.folded[key] = Made(name, shape, holds, symbolic)
            self.line(run.frame.file, run.frame.statement.first).makes.append(made)
        made.tensors.append((index, value))
        layer = conversion.ops[conversion.values[value].op].layer
        if layer and layer not in made.layers:
            made.layers.append(layer)

    def reads(self) -> None:
        """Enter what Python held as numbers."""
        dims = DimExpressions(self.trace)
        entered: set[tuple[str, int, str, str, Size]] = set()
        for index, dim in enumerate(self.trace.dims):
            if dim.internal or dim.site < 0:
                continue
            site = self.trace.sites[dim.site]
            expression = dims.text(index)
            roots = _roots(expression, dims.expression(index), dims.names(index))
            at = (dim.conversion, dim.tensor, dim.axis) if dim.op == "read" else (-1, -1, -1)
            read = Read(dim.name or site.code, str(dim.value), Size(expression, roots), at)
            if (site.file, site.line, *read[:3]) not in entered:
                entered.add((site.file, site.line, *read[:3]))
                self.line(site.file, site.line).reads.append(read)
            self.seen.setdefault(site.file, set()).add(site.line)

    def findings(self) -> None:
        """Enter where the findings stand."""
        for index, finding in enumerate(self.trace.findings):
            for site in dict.fromkeys((finding.sink, finding.source)):
                if site is not None and index not in self.line(site.file, site.line).findings:
                    self.line(site.file, site.line).findings.append(index)

    def files(self) -> list[File]:
        listed = [
            File(path, self.text(path), dict(sorted(lines.items())), self.functions(path))
            for path, lines in self.lines.items()
        ]
        return sorted(listed, key=lambda file: (not any(line.findings for line in file.lines.values()), file.library))

    def text(self, path: str) -> list[str]:
        """The lines of a file that the trace has, each in its place."""
        lines = self.trace.files.get(path, "").splitlines()
        for number, line in sorted(self.trace.sources.get(path, {}).items()):
            if 0 < number < _LAST_LINE:
                lines += [""] * (number - len(lines))
                lines[number - 1] = line
        return lines

    def functions(self, path: str) -> list[tuple[Function, State]]:
        """The functions of a file, and what became of each."""
        source = self.source(path)
        entered = {source.function_at(line) for line in (*self.seen.get(path, ()), *self.stood_in(path))}
        as_is = {source.function_at(line) for line in self.skipped(path)}
        around = {function for function in source.functions if any(_inside(inner, function) for inner in entered)}
        return [
            (function, "as-is" if function in as_is else "" if function in entered | around else "unseen")
            for function in source.functions
        ]

    def stood_in(self, path: str) -> Iterator[int]:
        """Lines of a file that failures and uses of dims came by."""
        stacks: Iterable[tuple[int, ...]] = (
            *(conversion.failure.stack for conversion in self.trace.conversions if conversion.failure),
            *(use.stack for use in self.trace.uses),
        )
        for site in {site for stack in stacks for site in stack}:
            if self.trace.sites[site].file == path:
                yield self.trace.sites[site].line

    def skipped(self, path: str) -> Iterator[int]:
        """Lines of a file within functions that were run as they stand."""
        sites = [skip.defined for skip in self.trace.skips if skip.kind not in ("getattr", "paddle-api", "paddle")]
        sites += [dim.site for dim in self.trace.dims if dim.skip >= 0 and not dim.internal]
        for site in dict.fromkeys(sites):
            if site >= 0 and self.trace.sites[site].file == path:
                yield self.trace.sites[site].line


def _ended(trace: Trace, index: int) -> tuple[int, ...]:
    """The user's frames that were running when a conversion came to nothing."""
    failure = trace.conversions[index].failure
    if failure is not None:
        return failure.stack
    return trace.death.stack if trace.death is not None and trace.death.conversion == index else ()


def _inside(inner: Function | None, outer: Function) -> bool:
    return inner is not None and outer.first <= inner.first and inner.last <= outer.last


def _named(conversion: Conversion, run: Run) -> Iterator[tuple[str, int]]:
    """The tensors that a run made, each with the name it got."""
    values = [value for value in run.results or _made_in_vain(conversion, run) if _shown(conversion, value)]
    statement = run.frame.statement
    targets = statement.targets if not run.frame.function.startswith("<") else ()
    if len(targets) == 1:
        yield from ((targets[0], value) for value in values)
    elif len(targets) == len(values) and (
        statement.display or len({_maker(conversion, value) for value in values}) == 1
    ):
        yield from zip(targets, values, strict=True)
    else:
        yield from (("", value) for value in values)


def _made_in_vain(conversion: Conversion, run: Run) -> list[int]:
    """What a run made and nothing used, but for the dims that rewritten code takes of every axis that `x.shape` has."""
    return [value for value in run.unused if conversion.values[value].data is None]


def _shown(conversion: Conversion, value: int) -> bool:
    """Whether a value is a tensor that users know of, and not a list or what Paddle passes on."""
    dtype = conversion.values[value].dtype
    return dtype != "null" and not dtype.startswith("vec[")


def _maker(conversion: Conversion, value: int) -> int:
    """The op that made a value; of the parts of a list, that which made the list."""
    index = conversion.values[value].op
    op = conversion.ops[index]
    if op.name == "builtin.split" and op.inputs and op.inputs[0] >= 0:
        return conversion.values[op.inputs[0]].op
    return index


class _Sizes:
    """Shapes of the values of a conversion, each expression worded once."""

    def __init__(self, conversion: Conversion) -> None:
        self._values = conversion.values
        names = conversion.names
        texts = conversion.printed(tuple(range(len(conversion.expressions)))) or ()
        self._sizes = [
            Size(text, _roots(text, expression, names))
            for text, expression in zip(texts, conversion.expressions, strict=True)
        ]

    def of(self, value: int) -> tuple[tuple[Size, ...], tuple[Size, ...] | None, bool]:
        """Shape, what it holds, and whether the shape is symbolic."""
        tensor = self._values[value]
        holds = tuple(self._sizes[index] for index in tensor.data) if tensor.data is not None else None
        if tensor.dims is not None:
            return tuple(self._sizes[index] for index in tensor.dims), holds, True
        return tuple(Size("?" if size == -1 else str(size)) for size in tensor.shape), holds, False


def _roots(text: str, expression: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the symbols in an expression, as they stand in its text."""
    if not text or text.isdigit():
        return ()
    return tuple(sorted(names.get(symbol, symbol) for symbol in symbolic.symbols(expression)))
