"""Finds tensors that are made inside a converted `if` or loop and used after it, although the statement does not hand them on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.facts import blocks, ops
from shapetrace.facts.blocks import Outside
from shapetrace.said import said
from shapetrace.trace import ControlFlow, Conversion, Said, Site, Trace, Variable


class Left(NamedTuple):
    """A tensor that stays in the block of a statement, and is used after it."""

    flow: ControlFlow
    made: Site | None
    """The line that makes it."""
    used: Site | None
    """The line that takes it; None where the program returns it, or that is not known."""
    variable: Variable | None = None
    """The variable that keeps it, which was None before the statement."""
    grows: Site | None = None
    """The call that puts it into a list of Python's."""


def left(trace: Trace, index: int) -> list[Left]:
    """What is used outside of its statement in a conversion that came to its end, once for each way to keep it."""
    conversion = trace.conversions[index]
    if conversion.failure is not None:
        return []
    by_cause: dict[object, Left] = {}
    for outside in blocks.used_outside(conversion):
        flow = _statement(trace, index, conversion, outside.block)
        if flow is not None:
            kept = _kept(trace, conversion, flow, outside)
            by_cause.setdefault((flow.site, kept.variable and kept.variable.name, kept.grows), kept)
    return list(by_cause.values())


def why_it_fails() -> Said:
    """What becomes of such a program."""
    return said(
        "what is made in the block of a statement is not there after it: Paddle does not save such a program, or its process ends with SIGABRT"
    )


def _kept(trace: Trace, conversion: Conversion, flow: ControlFlow, outside: Outside) -> Left:
    made = _line(trace, conversion, conversion.values[outside.value].op)
    used = _line(trace, conversion, outside.user) if outside.user >= 0 else None
    empty = [variable for variable in flow.variables if _was_none(variable)]
    grown = [trace.sites[site] for site in flow.grows]
    here = [variable for variable in empty if _is_at(trace.sites[variable.assigned], made)]
    growing = [site for site in grown if _is_at(site, made)]
    alike = [variable for variable in empty if _is_alike(variable, conversion, outside.value)]
    if here or (alike and not growing):
        return Left(flow, made, used, variable=(here or alike)[0])
    if grown:
        return Left(flow, made, used, grows=(growing or grown)[0])
    return Left(flow, made, used)


def _was_none(variable: Variable) -> bool:
    return variable.before.type == "None" and variable.assigned >= 0 and variable.after[-1:] != ()


def _is_alike(variable: Variable, conversion: Conversion, value: int) -> bool:
    last, kept = variable.after[-1], conversion.values[value]
    return (last.type, last.dtype, len(last.shape)) == ("Tensor", kept.dtype, len(kept.shape))


def _is_at(site: Site, line: Site | None) -> bool:
    return line is not None and line.file == site.file and site.line <= line.line <= max(site.end_line, site.line)


def _line(trace: Trace, conversion: Conversion, op: int) -> Site | None:
    stack = conversion.ops[op].stack if op >= 0 else ()
    return trace.sites[stack[-1]] if stack else None


def _statement(trace: Trace, index: int, conversion: Conversion, block: int) -> ControlFlow | None:
    """The statement that a block was made of: its head is among the lines that were running whenever an op in it was made."""
    kind = "loop" if conversion.ops[block].name == ops.WHILE else "if"
    stacks = [op.stack for op in conversion.ops[block + 1 :] if op.parent == block and op.stack]
    lines = list(_lines(trace, stacks))
    flows = [
        flow
        for flow in trace.control_flow
        if flow.conversion == index and flow.kind == kind and flow.site >= 0 and not flow.counted
    ]
    heads = {(trace.sites[flow.site].file, trace.sites[flow.site].line): flow for flow in flows}
    return next((heads[line] for line in lines if line in heads), None)


def _lines(trace: Trace, stacks: list[tuple[int, ...]]) -> Iterator[tuple[str, int]]:
    """The lines that are in all of these, innermost first."""
    if not stacks:
        return
    first, *others = [[(trace.sites[site].file, trace.sites[site].line) for site in stack] for stack in stacks]
    common = set(first).intersection(*others)
    yield from (line for line in reversed(first) if line in common)
