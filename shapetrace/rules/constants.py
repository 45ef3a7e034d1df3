"""ST502: a dim that `dims` name, so that it is dynamic, is a constant: in the spec, by an op, or by a leak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import msgspec

from shapetrace import symbolic
from shapetrace.claims import Claim
from shapetrace.graph.operands import Lookup, Slot
from shapetrace.plugin import Rule
from shapetrace.rules import baked, claimed, op_arguments
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Op, Root, Trace


def constants(trace: Trace) -> Iterator[Finding]:
    """ST502: an axis that has a name and one size."""
    for number, conversion in enumerate(trace.conversions):
        yield from _in_spec(trace, number)
        named = claimed.claims(conversion)
        if named:
            yield from _by_ops(trace, number, named)
            yield from _by_leaks(trace, number, named)


def _in_spec(trace: Trace, number: int) -> Iterator[Finding]:
    """Axes that have a name, and are fixed wherever they have it."""
    inputs = trace.conversions[number].inputs
    named = [
        (spec, axis, claim.name) for spec in inputs for axis, claim in enumerate(claimed.of_input(spec)) if claim.name
    ]
    unknown = {name for spec, axis, name in named if spec.shape[axis] < 0}
    for spec, axis, name in named:
        if name not in unknown:
            source = trace.sites[spec.site] if spec.site >= 0 else None
            place, size = f"{spec.name}[{axis}]", spec.shape[axis]
            yield Finding(
                rule="ST502",
                severity="error",
                said=said("{} is named {}, so dynamic, and the spec fixes it to {}", place, name, size),
                expression=place,
                symbolic=name,
                source=source,
                roots=(Root(spec.name, axis, name),),
                conversion=number,
                layers=("",),
                remarks=() if source is not None else (claimed.MADE_BEFORE,),
            )


def _by_ops(trace: Trace, number: int, named: Mapping[str, Claim]) -> Iterator[Finding]:
    """Ops that work for one size only of a dim that has a name."""
    conversion = trace.conversions[number]
    symbols = {symbol.key: symbol for symbol in conversion.symbols}
    lookup = Lookup(conversion)
    for place, op in enumerate(conversion.ops):
        if not op.stack:
            continue
        told = baked.fixed(conversion, op, named) or _turned(conversion, lookup, op, named)
        if told is not None and told.key in named and told.severity != "note":
            symbol = symbols[told.key]
            name = f"{symbol.name} ({symbol.input}[{symbol.axis}])"
            sentence = said("{} is named as dynamic, but {}", name, told.said)
            yield baked.finding(trace, number, place, symbol, sentence, "ST502", "error")


def _turned(conversion: Conversion, lookup: Lookup, op: Op, named: Mapping[str, Claim]) -> baked.Fixed | None:
    """A reshape of several unknown dims that turns a named one constant in its place.

    `[B, N, 32]` to `[1, B*N, 32]` does so too and keeps them all: only what does not fit at every size counts.
    """
    if op.name != "pd_op.reshape" or not op.outputs or not op.inputs or op.inputs[0] < 0:
        return None
    source, result = conversion.values[op.inputs[0]], conversion.values[op.outputs[0]]
    if (
        source.dims is None
        or sum(size < 0 for size in result.shape) > 1
        or _fits(conversion, source.dims, result.shape, named)
    ):
        return None
    for axis, size in enumerate(result.shape):
        before = lookup.sources(Slot(op.outputs[0], axis))[2] if size >= 0 else ""
        keys = [key for key in sorted(symbolic.symbols(before)) if key in named] if before else []
        if keys:
            text = symbolic.text(before, conversion.names)
            sentence = said("a reshape to {} turns {} constant: it became {}", list(result.shape), text, size)
            return baked.Fixed(keys[0], sentence, "error")
    return None


def _fits(conversion: Conversion, dims: tuple[int, ...], shape: tuple[int, ...], named: Mapping[str, Claim]) -> bool:
    """Whether a tensor of these dims fills a shape, with one -1 or none, whatever the sizes."""
    expressions = [conversion.expressions[dim] for dim in dims]
    keys = sorted({key for expression in expressions for key in symbolic.symbols(expression)})
    rest = prod(size for size in shape if size >= 0)
    for place in range(len(claimed.sizes(None))):
        tried = [claimed.sizes(named.get(key)) for key in keys]
        values = {
            key: sizes[(place + shift) % len(sizes)] for shift, (key, sizes) in enumerate(zip(keys, tried, strict=True))
        }
        try:
            total = prod(symbolic.evaluate(expression, values) for expression in expressions)
        except (ValueError, ArithmeticError):
            return True
        if total % rest if min(shape, default=0) < 0 and rest else total != rest:
            return False
    return True


def _by_leaks(trace: Trace, number: int, named: Mapping[str, Claim]) -> Iterator[Finding]:
    """Leaks that baked in a dim which has a name, and of which no output shows anything any more."""
    conversion = trace.conversions[number]
    shown = {key for output in conversion.outputs for key in _symbols(conversion, output)}
    lost = {conversion.names[key] for key in named if key not in shown} if conversion.outputs else set()
    for leak in op_arguments.wrong_constants(trace) if lost else ():
        names = [root.symbol for root in leak.roots if root.symbol in lost]
        if leak.conversion == number and names:
            sentence = said("{} is named as dynamic, and no output has it any more: {}", names[0], leak.said)
            yield msgspec.structs.replace(leak, rule="ST502", said=sentence)


def _symbols(conversion: Conversion, value: int) -> Iterator[str]:
    for dim in conversion.values[value].dims or ():
        yield from symbolic.symbols(conversion.expressions[dim])


register(Rule("ST502", "a dim that is named as dynamic is a constant", "error", constants))
