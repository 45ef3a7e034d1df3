"""Checks a loaded trace, so that its readers may follow every index and parse every expression without asking.

A trace is a set of tables that refer to one another by index. Those of a damaged or forged file may lead nowhere or in
a circle, which readers would tell as an `IndexError`, or not at all. The check looks at each column as a whole, which
keeps it a small part of the time that loading takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from shapetrace import claims, symbolic
from shapetrace.errors import UsageError
from shapetrace.trace import (
    Comparison,
    ControlFlow,
    Conversion,
    DimRecord,
    DimRef,
    Edit,
    Failure,
    Finding,
    Given,
    OpArgument,
    Refused,
    Request,
    Said,
    Sentence,
    Site,
    Trace,
)

_LAST_LINE = 1 << 31
_LONGEST = 100_000
"""Lines of a site; what walks over them would never end with the numbers a file can hold."""
_DEEPEST = 50
"""Sentences within sentences; ours are a dozen deep, and what words them calls itself for each."""


def check(trace: Trace) -> None:
    """See that every reference in a trace leads somewhere.

    Raises:
        ValueError: One does not; the text says which.
    """
    for number, conversion in enumerate(trace.conversions):
        try:
            _program(conversion)
            _expressions(conversion)
            _conversion(conversion, len(trace.sites))
        except (UsageError, ValueError) as problem:
            raise ValueError(f"conversion {number}: {problem}") from None
    if trace.death is not None:
        _within("the conversion of the death", (trace.death.conversion,), len(trace.conversions))
        _within("the stack of the death", trace.death.stack, len(trace.sites), 0)
    _sites(trace)
    _dims(trace)
    _rest(trace)


def _sites(trace: Trace) -> None:
    told = (site for finding in trace.findings for site in _sites_of_finding(finding) if site is not None)
    fixes = (*(finding.fix for finding in trace.findings), *trace.fixed)
    edits = (edit for fix in fixes if fix is not None for edit in fix.edits)
    repaired = (repair.site for applied in trace.remedies for repair in applied.repaired if repair.site is not None)
    places: Iterable[Site | Edit] = chain(trace.sites, told, edits, repaired)
    for site in places:
        if not (0 <= site.line < _LAST_LINE and 0 <= site.column < _LAST_LINE and 0 <= site.end_column < _LAST_LINE):
            raise ValueError(f"a site is at line {site.line}, columns {site.column} to {site.end_column}")
        if not -1 <= site.end_line < site.line + _LONGEST:
            raise ValueError(f"a site is from line {site.line} to line {site.end_line}")


def _sites_of_finding(finding: Finding) -> Iterator[Site | None]:
    yield from (finding.source, finding.sink, *(step.site for step in finding.chain))
    if finding.cause is not None:
        yield from (finding.cause.site, finding.cause.wrapped, finding.cause.defined)


def _within(what: str, indices: Iterable[int], size: int, least: int = -1) -> None:
    """Refuse indices outside of a table; `least` is -1 where an index may be absent, else 0."""
    listed = indices if isinstance(indices, Sequence) else list(indices)
    for index in (min(listed), max(listed)) if listed else ():
        if not least <= index < size:
            raise ValueError(f"{what} has the index {index}, and there are {size}")


def _program(conversion: Conversion) -> None:
    ops, values, expressions = conversion.ops, conversion.values, len(conversion.expressions)
    _within("an op of a tensor", [value.op for value in values], len(ops), 0)
    _within("an operand", chain.from_iterable(op.inputs for op in ops), len(values))
    _within("a result", chain.from_iterable(op.outputs for op in ops), len(values), 0)
    _within("a dim of a tensor", chain.from_iterable(value.dims or () for value in values), expressions, 0)
    _within("a number in a tensor", chain.from_iterable(value.data or () for value in values), expressions, 0)
    _within("an output", conversion.outputs, len(values))
    made = [value.op for value in values]
    for index, op in enumerate(ops):
        if not -1 <= op.parent < index:
            raise ValueError(f"op {index} stands in op {op.parent}, which does not come before it")
    early = (index for index, op in enumerate(ops) for value in op.inputs if made[value] >= index and value >= 0)
    taken = next(early, None)
    if taken is not None:
        raise ValueError(f"op {taken} takes what has not been made before it")
    given = next((index for index, op in enumerate(ops) for value in op.outputs if made[value] != index), None)
    if given is not None:
        raise ValueError(f"op {given} gives what another op made")


def _expressions(conversion: Conversion) -> None:
    for expression in conversion.expressions:
        symbolic.symbols(expression)  # raises for what does not parse
    _within("the op of a symbol", (-1 if symbol.op is None else symbol.op for symbol in conversion.symbols),
            len(conversion.ops))  # fmt: skip


def _conversion(conversion: Conversion, sites: int) -> None:
    _within("a site", chain((conversion.site,), (spec.site for spec in conversion.inputs)), sites)
    _within("a call stack", chain.from_iterable(op.stack for op in conversion.ops), sites, 0)
    for spec in conversion.inputs:
        if spec.claims and len(spec.claims) != len(spec.shape):
            raise ValueError(f"there are claims of {len(spec.claims)} axes of an input that has {len(spec.shape)}")
        for claim in spec.claims:
            claims.read(claim)
    if conversion.failure is not None:
        _failure(conversion.failure, conversion, sites)


def _failure(failure: Failure, conversion: Conversion, sites: int) -> None:
    _within("the call stack of the failure", failure.stack, sites, 0)
    if failure.call is not None:
        _within("the site of the failure", (failure.call.site,), sites)
        needed = (failure.call.needed,) if failure.call.needed is not None else ()
        _arguments((*failure.call.arguments, *failure.call.operands, *needed), conversion, sites)


def _arguments(arguments: Sequence[Given], conversion: Conversion, sites: int) -> None:
    flat = list(_flat(arguments))
    _within("an argument", [item.value for item in flat], len(conversion.values))
    _within("a read of an argument", chain.from_iterable(item.reads for item in flat), sites, 0)


def _flat(arguments: Iterable[Given]) -> Iterator[Given]:
    pending = list(arguments)
    while pending:
        item = pending.pop()
        yield item
        pending += item.items


def _dims(trace: Trace) -> None:
    conversions = trace.conversions
    _within("the conversion of a dim", [dim.conversion for dim in trace.dims], len(conversions))
    _within("the site of a dim", [dim.site for dim in trace.dims], len(trace.sites))
    _within("the skip of a dim", [dim.skip for dim in trace.dims], len(trace.skips))
    for index, dim in enumerate(trace.dims):
        if any(isinstance(operand, DimRef) and not 0 <= operand.id < index for operand in dim.operands):
            raise ValueError(f"dim {index} is computed from one that does not come before it")
        if dim.op == "read":
            _read(index, dim, conversions)
        elif not any(isinstance(operand, DimRef) for operand in dim.operands):
            raise ValueError(f"dim {index} is computed, and from no other: it goes back to no read")
        else:
            symbolic.symbols(symbolic.combine(dim.op, ["S"] * len(dim.operands)))  # raises for what is no operation


def _read(index: int, dim: DimRecord, conversions: Sequence[Conversion]) -> None:
    if dim.tensor == -1:
        return
    if dim.conversion < 0 or dim.axis < 0 or not 0 <= dim.tensor < len(conversions[dim.conversion].values):
        raise ValueError(f"dim {index} was read from a tensor that is not there")


def _rest(trace: Trace) -> None:
    conversions, dims, sites = len(trace.conversions), len(trace.dims), len(trace.sites)
    uses, skips = trace.uses, trace.skips
    _within("the dim of a use", [use.dim for use in uses], dims, 0)
    _within("the other dim of a use", [use.other for use in uses if isinstance(use, Comparison)], dims)
    _within("the conversion of a use", [use.conversion for use in uses], conversions)
    ended = [use.raised for use in uses if isinstance(use, OpArgument | Refused)]
    _within("the conversion that a use ended", ended, conversions)
    _within("the site of a use", [use.site for use in uses], sites)
    _within("the call stack of a use", chain.from_iterable(use.stack for use in uses), sites, 0)
    _within("the site of a skip", chain.from_iterable((at.defined, at.called, at.wrapped) for at in skips), sites)
    for request in trace.requests:
        _request(request, trace)
    for finding in trace.findings:
        of_finding(finding, trace)
    for fix in trace.fixed:
        _sentence(fix.said)
    for repaired in chain.from_iterable(applied.repaired for applied in trace.remedies):
        _sentence(repaired.said)
    for use in uses:
        if isinstance(use, OpArgument):
            _argument(use, trace)
    _within("the conversion of an endless loop", [walk.conversion for walk in trace.endless], conversions, 0)
    _within("the site of an endless loop", [walk.site for walk in trace.endless], sites, 0)
    _within("the loop that made an array", [walk.loop for walk in trace.endless], sites)
    for position, flow in enumerate(trace.control_flow):
        _control_flow(flow, position, trace)
    for tensor_use in trace.tensor_uses:
        _within("the conversion of a tensor's use", (tensor_use.conversion,), conversions, 0)
        _within("the site of a tensor's use", (tensor_use.site,), sites, 0)
        _arguments((tensor_use.tensor,), trace.conversions[tensor_use.conversion], sites)


def _control_flow(flow: ControlFlow, position: int, trace: Trace) -> None:
    """See that what a statement is about is there."""
    _within("the conversion of a statement", (flow.conversion,), len(trace.conversions), 0)
    _within("a dim of a statement", flow.dims, len(trace.conversions[flow.conversion].values), 0)
    _within("a site of a statement", (flow.site, *(variable.assigned for variable in flow.variables)), len(trace.sites))
    _within("a read of a statement", (*flow.reads, *flow.grows), len(trace.sites), 0)
    _within("the statement around a statement", (flow.parent,), position)


def _request(request: Request, trace: Trace) -> None:
    """See that what was asked for, and what came of it, is there."""
    asked = (*(request.declared or ()), *(request.given or ()))
    named = (request.defined, request.site, request.called, *(item.site for item in asked))
    _within("a site of a request", named, len(trace.sites))
    _within("the conversion of a request", (request.conversion,), len(trace.conversions))
    parameters = {"", *(parameter.name for parameter in request.parameters)}
    if unknown := {item.parameter for item in asked} - parameters:
        raise ValueError(f"a spec goes to the parameter {min(unknown)}, which the function has not")
    for failure in (request.failure, request.unsaved):
        if failure is not None:
            _within("the call stack of a request's failure", failure.stack, len(trace.sites), 0)


def of_finding(finding: Finding, trace: Trace) -> None:
    """See that what a finding is about is in the trace.

    Raises:
        ValueError: Something is not; the text says what.
    """
    _within("the conversion of a finding", (finding.conversion,), len(trace.conversions))
    _within("a read of a finding", finding.reads, len(trace.dims), 0)
    _within("a skip of a finding", finding.skips, len(trace.skips), 0)
    _within("a use of a finding", finding.uses, len(trace.uses), 0)
    ops = trace.conversions[finding.conversion].ops if finding.conversion >= 0 else ()
    _within("an op of a finding", finding.ops, len(ops), 0)
    for sentence in (finding.said, *finding.remarks, *((finding.fix.said,) if finding.fix is not None else ())):
        _sentence(sentence)


def _sentence(sentence: Sentence) -> None:
    level: list[Sentence] = [sentence]
    for _ in range(_DEEPEST):
        level = [value for part in level if isinstance(part, Said) for value in part.values]
        if not level:
            return
    raise ValueError(f"a sentence has parts within parts, {_DEEPEST} deep")


def _argument(use: OpArgument, trace: Trace) -> None:
    """See that an argument of an op has what the rules need."""
    if use.tensor >= 0:
        values = trace.conversions[use.conversion].values if use.conversion >= 0 else []
        _within("the tensor of a use", (use.tensor,), len(values))
    ops = trace.conversions[use.conversion].ops if use.conversion >= 0 else []
    _within("the op that took an argument", (use.taker,), len(ops))
    if use.list_code and use.index is not None and not 0 <= use.index < len(use.written):
        raise ValueError(f"a use has the index {use.index} in a list of {len(use.written)}")
