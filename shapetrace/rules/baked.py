"""ST503: an axis that the spec leaves unknown works for one size only, by a constant somewhere in the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import prod
from typing import NamedTuple

import msgspec

from shapetrace import symbolic
from shapetrace.claims import Claim
from shapetrace.facts import ops
from shapetrace.plugin import Rule
from shapetrace.rules import claimed, forced, losses
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Op, Root, Said, Severity, Sink, Symbol, Trace, Value

_MOST_PLACES = 3
_MOST_NAMED = 6
_MOST_SIZES = 1 << 13
_REACH = 64
"""How many times the constant is tried as a size: what is divided by a stride of 32 is still found."""


class Fixed(NamedTuple):
    """An op that fixes a symbol."""

    key: str
    said: Said
    severity: Severity
    fitting: tuple[int, ...] = ()
    """The sizes that work, where they could be listed."""


def one_size(trace: Trace) -> Iterator[Finding]:
    """ST503: an op fixes an unknown dim to one size: a reshape to constants, an operand of a constant size."""
    for number, conversion in enumerate(trace.conversions):
        named = claimed.claims(conversion)
        symbols = {symbol.key: symbol for symbol in conversion.symbols}
        places: dict[Fixed, list[int]] = {}
        lost = losses.first_of_each(conversion)
        for place, op in enumerate(conversion.ops):
            told = fixed(conversion, op, named) if op.stack else None
            if told is None or (told.key in named and told.severity != "note"):
                continue  # what dims name as dynamic is told by ST502
            if own_expand(op):
                continue  # ST504 tells what Paddle's own code fixes
            if symbols[told.key].input is not None and place < lost.get(told.key, len(conversion.ops)):
                same = next((other for other in places if other[::3] == told[::3] and told.fitting), told)
                places.setdefault(same, []).append(place)
        for told, indices in places.items():
            symbol = symbols[told.key]
            sentence = said("{} is unknown in the spec, but {}", f"{symbol.input}[{symbol.axis}]", told.said)
            yield _everywhere(
                trace, number, indices, finding(trace, number, indices[0], symbol, sentence, "ST503", told.severity)
            )


def _everywhere(trace: Trace, number: int, places: list[int], first: Finding) -> Finding:
    """The finding of the first of several ops that fix a symbol to the same size, with the lines of the others."""
    ops = [trace.conversions[number].ops[place] for place in places]
    sites = dict.fromkeys(trace.sites[op.stack[-1]] for op in ops)
    others = [f"{site.file.replace(chr(92), '/').rpartition('/')[2]}:{site.line}" for site in sites][1:]
    return msgspec.structs.replace(
        first,
        count=len(sites),
        layers=tuple(op.layer for op in ops[: len(sites)]),
        ops=tuple(places),
        remarks=(_same_at(others),) if others else (),
    )


def _same_at(places: list[str]) -> Said:
    shown, more = ", ".join(places[:_MOST_PLACES]), len(places) - _MOST_PLACES
    return said("the same at {} and {} more", shown, more) if more > 0 else said("the same at {}", shown)


def finding(
    trace: Trace, number: int, place: int, symbol: Symbol, sentence: Said, rule: str, severity: Severity
) -> Finding:
    """That the op at a place of a conversion fixes a symbol."""
    op = trace.conversions[number].ops[place]
    site = trace.sites[op.stack[-1]]
    return Finding(
        rule=rule,
        severity=severity,
        said=sentence,
        expression=site.code,
        symbolic=symbol.name,
        source=site,
        sink=Sink.at(site, function_of(op)),
        roots=(Root(symbol.input, symbol.axis, symbol.name),),
        conversion=number,
        layers=(op.layer,),
        ops=(place,),
    )


def fixed(conversion: Conversion, op: Op, named: Mapping[str, Claim]) -> Fixed | None:
    """The symbol that an op fixes, and how; None for an op that fixes none.

    Args:
        conversion: The conversion.
        op: One of its ops.
        named: What is claimed of the sizes of symbols.
    """
    if op.name == "pd_op.reshape" and op.inputs and op.inputs[0] >= 0 and op.outputs:
        return _reshaped(conversion, conversion.values[op.inputs[0]], conversion.values[op.outputs[0]], named)
    return _expanded(conversion, op) if op.name == "pd_op.expand" else _met(conversion, op)


def _expanded(conversion: Conversion, op: Op) -> Fixed | None:
    """An `expand` to a constant fixes an unknown dim of its operand to it, or to 1."""
    if not op.inputs or op.inputs[0] < 0 or not op.outputs:
        return None
    operand, result = conversion.values[op.inputs[0]], conversion.values[op.outputs[0]]
    for dim, size in zip(reversed(operand.dims or ()), reversed(result.shape), strict=False):
        expression = conversion.expressions[dim]
        keys = symbolic.symbols(expression)
        if size > 0 and len(keys) == 1:
            (key,) = keys
            fitting = _meeting(expression, key, size, broadcasts=True)
            if len(fitting) == len(_tried(size)):
                continue
            text = symbolic.text(expression, conversion.names)
            sentence = said("{} expands {} to {}: {}", function_of(op), text, size, _only(fitting))
            return Fixed(key, sentence, "warning", tuple(fitting))
    return None


def _reshaped(conversion: Conversion, source: Value, result: Value, named: Mapping[str, Claim]) -> Fixed | None:
    """A reshape to constants fixes the one symbol of what it reshapes; with one -1 it may ask for a multiple."""
    if source.dims is None:
        return None
    expressions = tuple(conversion.expressions[dim] for dim in source.dims)
    keys = sorted({key for expression in expressions for key in symbolic.symbols(expression)})
    if len(keys) != 1:
        return None
    unknown = [size for size in result.shape if size < 0]
    if unknown:
        rest = prod(size for size in result.shape if size > 0)
        sizes = claimed.sizes(named.get(keys[0]))
        if len(unknown) > 1 or _divisible(expressions, keys[0], rest, sizes):
            return None
        return Fixed(keys[0], said("a reshape to {} asks for a multiple of {}", list(result.shape), rest), "note")
    total = prod(result.shape)
    fitting = (
        [size for size in range(1, total + 1) if _size(expressions, keys[0], size) == total] if total < 1 << 16 else []
    )
    sentence = said("a reshape to {} leaves no room for it: {}", list(result.shape), _only(fitting))
    return Fixed(keys[0], sentence, "warning", tuple(fitting))


@lru_cache(maxsize=4096)  # models reshape the same shape in each of their blocks
def _divisible(expressions: tuple[str, ...], key: str, divisor: int, sizes: tuple[int, ...]) -> bool:
    return all(_size(expressions, key, size) % divisor == 0 for size in sizes)


def _size(expressions: tuple[str, ...], key: str, size: int) -> int:
    try:
        return prod(symbolic.evaluate(expression, {key: size}) for expression in expressions)
    except (ValueError, ArithmeticError):
        return -1


def _met(conversion: Conversion, op: Op) -> Fixed | None:
    """An op of an unknown dim and a constant that must be equal fixes the unknown one."""
    for pair in forced.pairs(conversion, op):
        for unknown, constant in ((pair.left, pair.right), (pair.right, pair.left)):
            keys = symbolic.symbols(unknown)
            if len(keys) == 1 and constant.isdigit() and int(constant) > pair.broadcasts:
                (key,) = keys
                dim = symbolic.text(unknown, conversion.names)
                fitting = _meeting(unknown, key, int(constant), pair.broadcasts)
                if len(fitting) == len(_tried(int(constant))):
                    continue
                sentence = said("{} meets {} with the constant {}: {}", function_of(op), dim, constant, _only(fitting))
                return Fixed(key, sentence, "warning", tuple(fitting))
    return None


def _meeting(unknown: str, key: str, constant: int, broadcasts: bool) -> list[int]:
    """The sizes at which a dim goes together with a constant; empty where none of those tried does."""
    fits = {constant, 1} if broadcasts else {constant}
    if unknown == key:
        return sorted(fits)
    return [size for size in _tried(constant) if _size((unknown,), key, size) in fits]


def _tried(constant: int) -> range:
    """The sizes that are tried of a dim that meets a constant."""
    return range(1, min(_REACH * constant, _MOST_SIZES) + 1)


def _only(fitting: list[int]) -> Said:
    """Which sizes fit, in words."""
    if len(fitting) == 1:
        return said("only {} fits", fitting[0])
    if not fitting or len(fitting) > _MOST_NAMED:
        return said("few sizes fit")
    return said("only {} and {} fit", ", ".join(map(str, fitting[:-1])), fitting[-1])


def own_expand(op: Op) -> bool:
    """Whether an op is an `expand` that a function of Paddle's made by itself, as `take_along_axis` does to max(-1, 1)."""
    return op.name == "pd_op.expand" and op.api not in ("", "expand", "expand_as", "broadcast_to", "broadcast_tensors")


def function_of(op: Op) -> str:
    """What the user called: Paddle's function, else the op."""
    return op.api or ops.bare(op.name)


register(Rule("ST503", "an axis the spec leaves unknown works for one size only", "warning", one_size))
