"""Finds the op at which an exported model fails or begins to differ, and the line of the model that made it.

Paddle's error at run time names neither. So the program is cut after ever other ops and run again, until the first
cut that fails is found: its last op is the one. Where the values differ, those of the program are compared with what
dygraph computes, op by op. The exported file knows the layer of an op but not its line; a conversion that was watched
knows both, and its ops are lined up with those of the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shapetrace.capture.source import frames
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Finding, Site, Trace
from shapetrace.verify import blocks, clashes, eager, raised
from shapetrace.verify.pieces import Operand, Pieces, named, opened, within
from shapetrace.verify.results import Place
from shapetrace.verify.sampled import Sampled

_NUMBER = re.compile(r"_\d+(?=/)")  # Paddle numbers layers of one class anew in each conversion
_COPIES = ops.full("assign", "share_data", "cast")
"""Ops that the conversion puts in where dygraph has none; no size is baked into them."""

Same = Callable[[eager.Sample, eager.Sample], bool]


def failing(path: str, arrays: Mapping[str, Any], trace: Trace) -> tuple[Place, list[Finding]]:
    """The op at which the exported program fails, and the findings that explain it.

    Args:
        path: The export.
        arrays: The inputs, by name, at which it fails.
        trace: A trace of the conversion it was made by.
    """
    with opened(path, arrays) as pieces:
        low, high = 0, len(pieces.ops) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if pieces.passes(middle) else (low, middle)
        inside = pieces.ops[low].name() in (ops.IF, ops.WHILE)
        told = raised.told(path, arrays, low) if inside else None
        return (told and _inside(pieces, low, told, trace)) or _place(pieces, low, trace)


def refused(trace: Trace) -> tuple[Place | None, tuple[Finding, ...]]:
    """Where a conversion failed, and the findings that explain it.

    Args:
        trace: Of the conversion.
    """
    number = next((number for number, each in enumerate(trace.conversions) if each.failure is not None), None)
    if number is None:
        return None, ()
    failure = trace.conversions[number].failure
    assert failure is not None
    findings = tuple(each for each in trace.findings if each.severity == "error" and each.conversion in (number, -1))
    call = failure.call
    sites = [call.site] if call is not None and call.site >= 0 else failure.stack
    at = trace.sites[sites[-1]] if sites else next((each.sink for each in findings if each.sink is not None), None)
    name = (call.op or call.api) if call is not None else ""
    return Place(name, layer=failure.layer, site=at), findings


def returned_twice(trace: Trace) -> tuple[Place, tuple[int, int]] | None:
    """The op that makes a tensor which the model returns in two places, and these; None where there is none.

    Args:
        trace: Of the conversion.
    """
    for conversion in reversed(trace.conversions):
        outputs = conversion.outputs
        again = next((place for place, value in enumerate(outputs) if value in outputs[:place]), None)
        if conversion.failure is None and again is not None:
            value = outputs[again]
            place = of_trace(conversion, conversion.values[value].op)
            place = replace(place, site=conversion.site_of_function) if place.op in ops.INPUTS else place
            return place, (outputs.index(value), again)
    return None


def at(path: str, index: int, arrays: Mapping[str, Any], trace: Trace) -> Place:
    """What is known of an op of the exported program.

    Args:
        path: The export.
        index: Of the op.
        arrays: The inputs, by name, for which the shapes of its operands are told.
        trace: A trace of the conversion it was made by.
    """
    with opened(path, arrays) as pieces:
        return _place(pieces, index, trace)[0]


def differing(
    path: str, arrays: Mapping[str, Any], model: Callable[[], Any], same: Same, trace: Trace
) -> tuple[Place, list[Finding]] | None:
    """The first op of the exported program that computes something else than the model does in dygraph.

    An op is right if dygraph, somewhere, computes what it does, or if an op that needs its result is right: not every op
    of the one has a counterpart in the other. An op that does nothing (a division by 1) where the model does something has a value that dygraph
    computes, so it is looked for among those before the first that is wrong.

    Args:
        path: The export.
        arrays: The inputs, by name, at which the two differ.
        model: Calls the model in dygraph with these inputs.
        same: Compares what the model computed with what the program did.
        trace: A trace of the conversion it was made by.

    Returns:
        The op, and the findings that explain it; None where every op is right.
    """
    heard = eager.heard(model)
    wanted: dict[tuple[int, ...], list[eager.Sample]] = {}
    for sample in (*heard.results, *heard.taken):
        wanted.setdefault(sample.shape, []).append(sample)
    with opened(path, arrays) as pieces:
        sampled = Sampled(pieces, lambda sample: any(same(each, sample) for each in wanted.get(sample.shape, ())))
        index = sampled.first_wrong()
        return None if index is None else _place(pieces, _doing_nothing(sampled, index, heard, same), trace)


def _doing_nothing(sampled: Sampled, index: int, heard: eager.Heard, same: Same) -> int:
    """The op before this one that hands its operand on, more often than dygraph has that value; this one where there is none."""

    def alike(one: eager.Sample, other: eager.Sample) -> bool:
        return one.shape == other.shape and same(one, other)

    pieces = sampled.pieces
    for maker in pieces.makers(index):
        if pieces.ops[maker].name() in _COPIES:
            continue
        sample, *before = sampled.of([maker, *pieces.makers(maker)])
        if sample is not None and any(each is not None and alike(each, sample) for each in before):
            often = [sum(alike(each, sample) for each in group) for group in (sampled.all(), heard.results)]
            if often[0] > often[1]:
                return _doing_nothing(sampled, maker, heard, same)
    return index


def _place(pieces: Pieces, index: int, trace: Trace) -> tuple[Place, list[Finding]]:
    """What is known of an op of the program, by its mate in the trace."""
    name, layer = pieces.named[index]
    operands = pieces.operands(index)
    place = Place(name, tuple(_shapes(operand) for operand in operands), layer)
    for number, top in _mates(pieces, index, trace):
        return _told(place, trace, number, top, operands, pieces.ops[index].attrs()), _explaining(trace, number, top)
    return place, []


def _inside(pieces: Pieces, index: int, told: raised.Raised, trace: Trace) -> tuple[Place, list[Finding]] | None:
    """What is known of the op that raised in the blocks of an `if` or a loop; None where it may be several."""
    op = pieces.ops[index]
    at = raised.number(op, told)
    if at is None:
        return None
    names = [named(each) for each in within(op)]
    for number, top in _mates(pieces, index, trace):
        conversion = trace.conversions[number]
        inner = blocks.within(conversion, top)
        mate = _mate(names, at, [(conversion.ops[each].name, conversion.ops[each].layer) for each in inner])
        if mate is not None:
            return of_trace(conversion, inner[mate]), _explaining(trace, number, inner[mate])
    return None


def _mates(pieces: Pieces, index: int, trace: Trace) -> Iterator[tuple[int, int]]:
    """Conversions, the last first, and the op in each that stands where one of the exported program does."""
    for number in range(len(trace.conversions) - 1, -1, -1):
        conversion = trace.conversions[number]
        tops = [op for op in range(len(conversion.ops)) if conversion.ops[op].parent < 0]
        mate = _mate(pieces.named, index, [(conversion.ops[top].name, conversion.ops[top].layer) for top in tops])
        if conversion.failure is None and mate is not None:
            yield number, tops[mate]


def _shapes(operand: Operand) -> str:
    shapes = [str(list(array.shape)) for array in operand.arrays]
    if operand.producer == ops.COMBINE:
        return f"[{', '.join(shapes)}]"
    return shapes[0] if shapes else "[...]"


def _mate(ops: Sequence[tuple[str, str]], index: int, others: Sequence[tuple[str, str]]) -> int | None:
    """The op of the other program that stands where this one does; None where that cannot be told."""
    one, other = ([(name, _NUMBER.sub("", layer)) for name, layer in each] for each in (ops, others))
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for block in matcher.get_matching_blocks():
        if block.a <= index < block.a + block.size:
            return block.b + index - block.a
    return None


def _told(
    place: Place, trace: Trace, number: int, index: int, operands: Sequence[Operand], attributes: Mapping[str, Any]
) -> Place:
    """The place with the symbolic shapes that the op was built for, its line, and what clashes."""
    conversion = trace.conversions[number]
    op = conversion.ops[index]
    values = [value for value in op.inputs if value >= 0]
    if len(values) == len(operands):
        symbolic = [conversion.tensors[value].symbolic for value in values]
        shapes = tuple(
            f"{actual} ({', '.join(expected)})" if expected and operand.producer != ops.COMBINE else actual
            for actual, expected, operand in zip(place.operands, symbolic, operands, strict=True)
        )
        place = replace(place, operands=shapes, clash=clashes.sentences(trace, conversion, index, operands, attributes))
    return replace(place, site=site(conversion, index))


def of_trace(conversion: Conversion, index: int) -> Place:
    """The place of an op of a trace, with the symbolic shapes of its operands."""
    op = conversion.ops[index]
    shapes = (conversion.tensors[value].symbolic for value in op.inputs if value >= 0)
    operands = tuple(f"[{', '.join(shape)}]" for shape in shapes if shape is not None)
    return Place(op.name, operands, op.layer, site(conversion, index))


def site(conversion: Conversion, index: int) -> Site | None:
    """The user's line that made an op; of an `if` or a loop, which has none of its own, that of the statement, or else of the first op in it."""
    if (statement := blocks.statement(conversion, index)) is not None:
        return statement
    inside = [number for number, each in enumerate(conversion.ops) if each.parent == index]
    sites = (site for site in map(conversion.site_of, (*inside, index)) if site is not None)
    return next((each for each in sites if frames.kind(each.file) != frames.REWRITTEN), None)


def _explaining(trace: Trace, number: int, index: int) -> list[Finding]:
    """The findings whose number went into an op of a conversion or into what it depends on; all of them where none did.

    A branch or a loop decides which ops there are, and goes into none of them.
    """
    conversion = trace.conversions[number]
    loud = [each for each in trace.findings if each.conversion in (number, -1) and each.severity != "note"]
    lines = {
        (site.file, site.line)
        for op in _ancestors(conversion, index)
        for site in (conversion.sites[number] for number in conversion.ops[op].stack)
    }
    near = [
        finding
        for finding in loud
        if (sink := finding.sink) is not None
        and any((sink.file, line) in lines for line in range(sink.line, max(sink.line, sink.end_line) + 1))
    ]
    return near or loud


def _ancestors(conversion: Conversion, index: int) -> set[int]:
    """The op, the ops it depends on, and those inside them."""
    inside: dict[int, list[int]] = {}
    for number, op in enumerate(conversion.ops):
        inside.setdefault(op.parent, []).append(number)
    seen: set[int] = set()
    pending = [index]
    while pending:
        number = pending.pop()
        if number in seen or number < 0:
            continue
        seen.add(number)
        pending += [conversion.values[value].op for value in conversion.ops[number].inputs if value >= 0]
        pending += [conversion.ops[number].parent, *inside.get(number, ())]
    return seen
