"""A tape turned into the records of a trace: dims, uses, skipped callables, and the lines they quote."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from shapetrace import source_files
from shapetrace.capture.guarding import guard
from shapetrace.capture.probes.skips import Explanation
from shapetrace.capture.session import Session
from shapetrace.capture.source import contexts, expressions, frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.outline import outline
from shapetrace.capture.source.sites import find, partials, site_of_node
from shapetrace.capture.tape import Argument, Event, Read, Where, ancestry, leaked
from shapetrace.dim import REMEMBERING, AnyDim, Stand, UseKind, value_of
from shapetrace.facts import ops
from shapetrace.trace import (
    AnyUse,
    Arithmetic,
    Comparison,
    DimRecord,
    DimRef,
    Float,
    Key,
    Loop,
    OpArgument,
    PlainIndex,
    PlainInt,
    Refused,
    Skip,
    Stored,
    Subscript,
    Text,
    Trace,
    Truth,
)

_PLAIN: dict[UseKind, type[Key | PlainInt | PlainIndex | Stored]] = {
    "hash": Key,
    "int": PlainInt,
    "index": PlainIndex,
    "stored": Stored,
}


def write(session: Session) -> None:
    """Enter what the session's tape holds into its trace."""
    Writer(session, session.trace).write(session.tape.arguments, session.tape.events)


def _once(arguments: Iterable[Argument]) -> list[Argument]:
    """One record a call: Paddle's layers may hand the same dim to several ops. The one that raised is kept."""
    kept: dict[object, Argument] = {}
    for argument in arguments:
        key = id(argument.dim.origin), argument.api, argument.argument, argument.position, argument.where.place
        if key not in kept or argument.raised or ((argument.healed or argument.refused) and not kept[key].raised):
            kept[key] = argument
    return list(kept.values())


def quote(trace: Trace) -> None:
    """Keep the source lines that findings quote, so that the trace can be read on another machine."""
    for finding in trace.findings:
        sites = [finding.source, finding.sink, *(step.site for step in finding.chain)]
        if finding.cause is not None:
            sites += [finding.cause.site, finding.cause.wrapped, finding.cause.defined]
        edits = finding.fix.edits if finding.fix is not None else ()
        for place in (*sites, *edits):
            if place is not None:
                lines = trace.sources.setdefault(place.file, {})
                for line in range(place.line, max(place.line, place.end_line) + 1):
                    lines[line] = linecache.getline(place.file, line).rstrip("\n")
        for file in {edit.file for edit in edits} - trace.digests.keys():
            with suppress(OSError, SyntaxError):  # gone by now: then there is nothing to apply the edits to
                trace.digests[file] = source_files.read(file).digest


def keep_files(trace: Trace) -> None:
    """Keep the functions of the user's that a conversion came by, to be shown with the shapes that each line makes."""
    stacks = chain.from_iterable(op.stack for conversion in trace.conversions for op in conversion.ops)
    lines_of: dict[str, set[int]] = {}
    for site in sorted({*stacks, *(dim.site for dim in trace.dims if dim.site >= 0)}):
        lines_of.setdefault(trace.sites[site].file, set()).add(trace.sites[site].line)
    room = _MOST_TEXT
    for file, lines in lines_of.items():
        text = outline(file, lines) if frames.kind(file) is frames.USER else ""  # not what dy2static wrote
        if text and len(text) <= room:
            room -= len(text)
            trace.files[file] = text


_MOST_TEXT = 8_000_000
"""Characters of source that a trace keeps; a file that would be too much is left out."""

_LONGEST = 80
"""Characters of a value that is no number."""


class Writer:
    """Makes records of what a tape holds.

    Args:
        session: Whose tape it is.
        trace: Gets the records. Its sites are those of the session.
    """

    def __init__(self, session: Session, trace: Trace) -> None:
        self.session = session
        self.trace = trace
        self.sites = session.sites
        self.dims: dict[int, int] = {}
        self.skips: dict[Any, int] = {}

    def write(self, arguments: Sequence[Argument], events: Sequence[Event]) -> None:
        """Enter what was used as an argument of a function, and in other ways."""
        for argument in _once(arguments):
            if leaked(argument.dim):
                self.guarded(self.argument, argument)
        for event in events:
            self.guarded(self.event, event)

    def guarded(self, write: Any, item: Any) -> None:
        """Make one record; a fault of ours costs that one."""
        with guard(self.session.fault, "a use of a dim could not be recorded"):
            write(item)

    def dim(self, dim: AnyDim) -> int:
        """Index of the record of a dim, entered with all it was computed from."""
        pending = [dim]  # no recursion: a loop can compute thousands of dims, one from the other
        while pending:
            operands = (item for item in pending[-1].origin.operands if isinstance(item, REMEMBERING))
            missing = [item for item in operands if id(item.origin) not in self.dims]
            pending += reversed(missing)
            if not missing:
                self._enter(pending.pop())
        return self.dims[id(dim.origin)]

    def _enter(self, dim: AnyDim) -> None:
        origin = dim.origin
        if id(origin) in self.dims:
            return
        operands = tuple(
            DimRef(self.dims[id(item.origin)]) if isinstance(item, REMEMBERING) else _plain(item)
            for item in origin.operands
        )
        where: Where | None = origin.place
        record = DimRecord(value=_plain(dim), op=origin.op, operands=operands, axis=origin.axis, internal=where is None)
        if where is not None and where.place is not None:
            record.site = self.sites.of(where.place)
            record.skip = self.skip(where)
            record.name = _bound_name(find(where.place).node, origin.axis) if origin.op == "read" else ""
        if origin.tensor is not None:
            record.conversion = origin.tensor.conversion
            record.tensor = self.value(origin.tensor)
        self.dims[id(origin)] = len(self.trace.dims)
        self.trace.dims.append(record)

    def value(self, tensor: Read | None) -> int:
        """Index of a tensor in the recorded program; -1 where it is not there."""
        recorded = self.session.recorded.get(tensor.conversion) if tensor is not None else None
        return (
            recorded.values.get((tensor.op, tensor.result), -1) if recorded is not None and tensor is not None else -1
        )

    def taker(self, result: Read | None) -> int:
        """Index of the op that made a tensor; -1 where it is not in the recorded program."""
        value = self.value(result)
        if result is None or value < 0:
            return -1
        conversion = self.trace.conversions[result.conversion]
        op = conversion.values[value].op
        parts = op >= 0 and conversion.ops[op].name == ops.SPLIT
        return conversion.values[conversion.ops[op].inputs[0]].op if parts else op

    def skip(self, where: Where) -> int:
        """Index of the record of why the code at a place was not rewritten; -1 where it was."""
        if where.inside:
            return self._skipped_api(where)
        explanation = self.session.skips.explain(where.stack)
        if explanation is None:
            return -1
        key = explanation.code, explanation.called
        index = self.skips.get(key)
        if index is None:
            index = self.skips[key] = len(self.trace.skips)
            self.trace.skips.append(self._skip(explanation))
        return index

    def _skipped_api(self, where: Where) -> int:
        called = self.sites.of(where.place) if where.place is not None else -1
        key = where.inside, called
        if key not in self.skips:
            self.skips[key] = len(self.trace.skips)
            self.trace.skips.append(Skip(kind="paddle-api", callable=where.inside, called=called))
        return self.skips[key]

    def _skip(self, explanation: Explanation) -> Skip:
        code = explanation.code
        return Skip(
            kind=explanation.kind,
            callable=code.co_name if explanation.kind == "getattr" else getattr(code, "co_qualname", code.co_name),
            defined=self.sites.defined(code),
            called=self.sites.of(explanation.called) if explanation.called is not None else -1,
            wrapped=self._wrapped(explanation) if explanation.kind == "partial" else -1,
        )

    def _wrapped(self, explanation: Explanation) -> int:
        """The one `partial(...)` of the callable in the files where it is called and defined; -1 if there are several."""
        files = {explanation.code.co_filename}
        if explanation.called is not None:
            files.add(find(explanation.called).file)
        wrappers = [
            site_of_node(file, node)
            for file in sorted(files)
            for node in partials(file)
            if ast.unparse(node.args[0]).rpartition(".")[2] == explanation.code.co_name
        ]
        return self.sites.add(wrappers[0]) if len(wrappers) == 1 else -1

    def stack(self, where: Where) -> tuple[int, ...]:
        """The sites of the user's frames, outermost first."""
        return tuple(self.sites.of(place) for place in reversed(where.stack) if frames.is_users(place.kind))

    def argument(self, argument: Argument) -> None:
        """Record a dim that one of Paddle's functions got."""
        place = argument.where.place
        written, list_code = _written(place, argument) if place is not None else ((), "")
        index = argument.position
        dim = self.dim(argument.dim)
        self.trace.uses.append(
            OpArgument(
                dim=dim,
                conversion=argument.conversion,
                site=self.sites.of(place) if place is not None else -1,
                op=argument.api,
                argument=argument.argument,
                index=index,
                expression=self.expression(dim, written[index] if index is not None and index < len(written) else ""),
                arguments=argument.elements,
                operand=argument.operand,
                tensor=self.value(argument.tensor),
                written=written,
                list_code=list_code,
                operation=argument.operation,
                taker=self.taker(argument.taker),
                raised=argument.conversion if argument.raised else -1,
                healed=argument.healed,
                refused=argument.refused,
                numpy=_by_numpy(argument.dim),
                layer=argument.where.layer or _layer(argument.dim),
                stack=self.stack(argument.where),
            )
        )

    def event(self, event: Event) -> None:
        """Record another use of a dim."""
        dim = self.dim(event.dim)
        place = event.where.place
        node = find(place).node if place is not None else None
        site = self.sites.of(place) if place is not None else -1
        common: dict[str, Any] = {
            "dim": dim,
            "conversion": event.conversion,
            "site": site,
            "op": event.op or expressions.operation(node),
            "expression": self.expression(dim, ""),
            "numpy": contexts.by_numpy(event, node),
            "layer": event.where.layer,
            "stack": self.stack(event.where),
        }
        self.trace.uses.append(self._use(event, node, common))

    def _use(self, event: Event, node: Any, common: dict[str, Any]) -> AnyUse:
        against, result = _text(event.other), _text(event.result)
        if event.kind == "compare":
            other = self.dim(event.other) if isinstance(event.other, REMEMBERING) else -1
            context = contexts.of_test(event, node)
            return Comparison(**common, against=against, other=other, result=result, context=context)
        if event.kind == "truth":
            return Truth(**common, result=result, context=contexts.of_test(event, node))
        if event.kind == "range":
            return Loop(**common, result=result)
        if event.kind == "operand":
            return Arithmetic(**common, against=against, result=result)
        if event.kind == "subscript":
            return Subscript(**common, container=against)
        if event.kind == "text":
            return Text(**common, message=contexts.is_message(node))
        if event.kind == "float":
            return Float(**common, result=result)
        if event.kind == "refused":
            ended = self._ended(event.conversion, common["site"])
            return Refused(**common, error=against, raised=event.conversion if ended else -1)
        return _PLAIN[event.kind](**common)

    def _ended(self, conversion: int, site: int) -> bool:
        """Whether a conversion ended at a site."""
        failure = self.trace.conversions[conversion].failure
        return failure is not None and failure.stack[-1:] == (site,)

    def expression(self, dim: int, written: str) -> str:
        """The expression that made the dim, as the user wrote it."""
        record = self.trace.dims[dim]
        if record.op != "read" and record.site >= 0:
            return self.trace.sites[record.site].code
        return written or (f"{self.trace.sites[record.site].code}[{record.axis}]" if record.site >= 0 else "")


def _by_numpy(dim: AnyDim) -> bool:
    """Whether NumPy had a part in computing a dim."""
    return any(origin.library == "numpy" for origin in ancestry(dim))


def _layer(dim: AnyDim) -> str:
    where: Where | None = dim.origin.place
    return where.layer if where is not None else ""


def _plain(value: Any) -> int | float | str:
    """A number as a trace holds it; the beginning of its text, if it is complex or an array."""
    if isinstance(value, Stand):
        value = value.value
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, int | float):
        return int(value) if isinstance(value, bool) else value_of(value)
    return str(value_of(value) if isinstance(value, complex) else value)[:_LONGEST]


def _text(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value_of(value))
    return str(value) if isinstance(value, str | float | bool) or value is None else type(value).__name__


def _written(place: Place, argument: Argument) -> tuple[tuple[str, ...], str]:
    """The elements of the list argument as the user wrote them, and the list's source."""
    source = find(place)
    call = source.node
    if argument.position is None or not isinstance(call, ast.Call):
        return (), ""
    named = [keyword.value for keyword in call.keywords if keyword.arg == argument.argument]
    for value in named or call.args:
        if isinstance(value, ast.List | ast.Tuple) and len(value.elts) == len(argument.elements):
            code = site_of_node(source.file, value).code
            return tuple(site_of_node(source.file, element).code for element in value.elts), code
    return (), ""


def _bound_name(node: Any, axis: int) -> str:
    """The variable that `axis` of the shape read at `node` is assigned to at once."""
    parent = getattr(node, "parent", None)
    if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Constant) and parent.slice.value == axis:
        parent, axis = getattr(parent, "parent", None), -1
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1:
        return ""
    target: ast.expr | None = parent.targets[0]
    if axis >= 0:
        elements = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        starred = any(isinstance(element, ast.Starred) for element in elements)
        target = elements[axis] if axis < len(elements) and not starred else None
    return target.id if isinstance(target, ast.Name) else ""
