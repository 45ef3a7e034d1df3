"""ST501: what the user says of the inputs in `dims` is not what took effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from shapetrace import symbolic
from shapetrace.claims import Claim
from shapetrace.facts import ops
from shapetrace.plugin import Rule
from shapetrace.rules import claimed, forced
from shapetrace.rules.draws import SIZES
from shapetrace.rules.registry import register
from shapetrace.said import joined, said
from shapetrace.trace import Conversion, Finding, Input, Root, Said, Severity, Sink, Site, Trace


def contradictions(trace: Trace) -> Iterator[Finding]:
    """ST501: a number that is another one, or a name on axes that differ."""
    for number, conversion in enumerate(trace.conversions):
        for spec in conversion.inputs:
            yield from _numbers(trace, number, spec)
        yield from _names(trace, number)
        yield from _forced(trace, number)


def _numbers(trace: Trace, number: int, spec: Input) -> Iterator[Finding]:
    """Sizes that are claimed, and are others, or unknown, in the spec that took effect."""
    for axis, claim in enumerate(claimed.of_input(spec)):
        place, size = f"{spec.name}[{axis}]", spec.shape[axis]
        if claim.size is None or claim.size == size:
            continue
        if size < 0:
            sentence = said(
                "you asked for {} = {}, and None arrived: the export leaves this axis unknown", place, claim.size
            )
            yield _finding(trace, number, "warning", sentence, [(spec, axis)])
        else:
            sentence = said("dims say that {} is {}, and the spec fixes it to {}", place, claim.size, size)
            yield _finding(trace, number, "error", sentence, [(spec, axis)])


def _names(trace: Trace, number: int) -> Iterator[Finding]:
    """Axes of one name of which the spec fixes one, and leaves the other unknown or fixes it to another size."""
    axes: dict[str, list[tuple[Input, int]]] = {}
    for spec in trace.conversions[number].inputs:
        for axis, claim in enumerate(claimed.of_input(spec)):
            if claim.name:
                axes.setdefault(claim.name, []).append((spec, axis))
    for name, places in axes.items():
        first, first_axis = places[0]
        for other, axis in places[1:]:
            sizes = max(first.shape[first_axis], -1), max(other.shape[axis], -1)
            if sizes[0] != sizes[1]:
                site = trace.sites[other.site] if other.site >= 0 else None
                both = [(first, first_axis), (other, axis)]
                told = [
                    _in_spec(f"{entry.name}[{place}]", size) for (entry, place), size in zip(both, sizes, strict=True)
                ]
                yield _finding(trace, number, "error", said("{} is the name of {}, and {}", name, *told), both, site)
                break


def _forced(trace: Trace, number: int) -> Iterator[Finding]:
    """Ops that want dims to be equal which are never so if all axes of one name are."""
    conversion = trace.conversions[number]
    named = claimed.claims(conversion)
    if len({claim.name for claim in named.values()}) == len(named):
        return
    for number_of_op, op in enumerate(conversion.ops):
        for pair in forced.pairs(conversion, op):
            keys = [key for key in sorted(symbolic.symbols(pair.left) | symbolic.symbols(pair.right)) if key in named]
            names = [named[key].name for key in keys]
            twice = [key for key in keys if names.count(named[key].name) > 1]
            if not twice or not op.stack or _ever_fit(pair, named):
                continue
            left, right = (symbolic.text(side, conversion.names) for side in pair[:2])
            places = [place for key in twice for place in _places(conversion, key)]
            axes = joined("{} and {}", [f"{spec.name}[{axis}]" for spec, axis in places])
            name, what = named[twice[0]].name, ops.bare(op.name)
            sentence = said("{} are both named {}, but {} needs {} and {} to be equal", axes, name, what, left, right)
            site = trace.sites[op.stack[-1]]
            told = _finding(trace, number, "error", sentence, places, site, site.code, what, op.layer)
            yield msgspec.structs.replace(told, ops=(number_of_op,))
            break


def _ever_fit(pair: forced.Pair, named: Mapping[str, Claim]) -> bool:
    """Whether there is a size, other than 1 for all, at which the two dims of a pair go together."""
    keys = sorted(symbolic.symbols(pair.left) | symbolic.symbols(pair.right))
    groups = list(dict.fromkeys(named[key].name if key in named else key for key in keys))
    tried = [claimed.sizes(next((claim for claim in named.values() if claim.name == group), None)) for group in groups]
    for place in range(len(SIZES)):
        # Each group a little further along, so that two of them are never one by chance.
        at = {
            group: sizes[(place + shift) % len(sizes)]
            for shift, (group, sizes) in enumerate(zip(groups, tried, strict=True))
        }
        values = {key: at[named[key].name if key in named else key] for key in keys}
        if set(values.values()) == {1}:
            continue
        try:
            left, right = symbolic.evaluate(pair.left, values), symbolic.evaluate(pair.right, values)
        except (ValueError, ArithmeticError):
            return True
        if left == right or (pair.broadcasts and 1 in (left, right)):
            return True
    return False


def _places(conversion: Conversion, key: str) -> Iterator[tuple[Input, int]]:
    for symbol in conversion.symbols:
        for spec in conversion.inputs:
            if symbol.key == key and spec.name == symbol.input and symbol.axis is not None:
                yield spec, symbol.axis


def _finding(
    trace: Trace,
    number: int,
    severity: Severity,
    sentence: Said,
    places: list[tuple[Input, int]],
    sink: Site | None = None,
    expression: str = "",
    op: str = "",
    layer: str = "",
) -> Finding:
    first = places[0][0]
    source = trace.sites[first.site] if first.site >= 0 else None
    names = {(symbol.input, symbol.axis): symbol.name for symbol in trace.conversions[number].symbols}
    return Finding(
        rule="ST501",
        severity=severity,
        said=sentence,
        expression=expression or f"{first.name}[{places[0][1]}]",
        source=source,
        sink=None if sink is None else Sink.at(sink, op),
        roots=tuple(
            Root(spec.name, axis, names.get((spec.name, axis), f"{spec.name}[{axis}]")) for spec, axis in places
        ),
        conversion=number,
        layers=(layer,),
        remarks=() if source is not None else (claimed.MADE_BEFORE,),
    )


def _in_spec(place: str, size: int) -> Said:
    if size < 0:
        return said("{}, which the spec leaves unknown", place)
    return said("{}, which the spec fixes to {}", place, size)


register(Rule("ST501", "what is said of the inputs is not what took effect", "error", contradictions))
