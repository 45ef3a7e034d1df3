"""ST503: an axis that the spec leaves unknown works for one size only, by a constant somewhere in the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.dims import Claim
from shapetrace.rules import claimed, forced
from shapetrace.rules.registry import Rule, register
from shapetrace.trace import Conversion, Finding, Op, Root, Severity, Sink, Symbol, Trace, Value


class Fixed(NamedTuple):
    """An op that fixes a symbol."""

    key: str
    message: str
    severity: Severity


def one_size(trace: Trace) -> Iterator[Finding]:
    """ST503: an op fixes an unknown dim to one size: a reshape to constants, an operand of a constant size."""
    for number, conversion in enumerate(trace.conversions):
        named = claimed.claims(conversion)
        for place, op in enumerate(conversion.ops):
            told = fixed(conversion, op, named)
            if told is None or not op.stack or (told.key in named and told.severity != "note"):
                continue  # what dims name as dynamic is told by ST502
            symbol = next((symbol for symbol in conversion.symbols if symbol.key == told.key), None)
            if symbol is not None and symbol.input is not None:
                message = f"{symbol.input}[{symbol.axis}] is unknown in the spec, but {told.message}"
                yield finding(trace, number, place, symbol, message, "ST503", told.severity)


def finding(
    trace: Trace, number: int, place: int, symbol: Symbol, message: str, rule: str, severity: Severity
) -> Finding:
    """That the op at a place of a conversion fixes a symbol."""
    op = trace.conversions[number].ops[place]
    site = trace.sites[op.stack[-1]]
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        expression=site.code,
        symbolic=symbol.name,
        source=site,
        sink=Sink.at(site, op.name.removeprefix("pd_op.")),
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
    return _met(conversion, op)


def _reshaped(conversion: Conversion, source: Value, result: Value, named: Mapping[str, Claim]) -> Fixed | None:
    """A reshape to constants fixes the one symbol of what it reshapes; with one -1 it may ask for a multiple."""
    if source.dims is None:
        return None
    expressions = [conversion.expressions[dim] for dim in source.dims]
    keys = sorted({key for expression in expressions for key in symbolic.symbols(expression)})
    if len(keys) != 1:
        return None
    unknown = [size for size in result.shape if size < 0]
    if unknown:
        rest = prod(size for size in result.shape if size > 0)
        sizes = claimed.sizes(named.get(keys[0]))
        if len(unknown) > 1 or all(_size(expressions, keys[0], size) % rest == 0 for size in sizes):
            return None
        return Fixed(keys[0], f"a reshape to {list(result.shape)} asks for a multiple of {rest}", "note")
    total = prod(result.shape)
    fitting = (
        [size for size in range(1, total + 1) if _size(expressions, keys[0], size) == total] if total < 1 << 16 else []
    )
    only = f"only {fitting[0]} fits" if len(fitting) == 1 else "few sizes fit"
    return Fixed(keys[0], f"a reshape to {list(result.shape)} leaves no room for it: {only}", "warning")


def _size(expressions: list[str], key: str, size: int) -> int:
    try:
        return prod(symbolic.evaluate(expression, {key: size}) for expression in expressions)
    except (ValueError, ArithmeticError):
        return -1


def _met(conversion: Conversion, op: Op) -> Fixed | None:
    """An op of an unknown dim and a constant that must be equal fixes the unknown one."""
    for left, right, broadcasts in forced.pairs(conversion, op):
        for unknown, constant in ((left, right), (right, left)):
            keys = symbolic.symbols(unknown)
            if len(keys) == 1 and constant.isdigit() and int(constant) > broadcasts:
                (key,) = keys
                dim = symbolic.text(unknown, conversion.names)
                name = op.name.removeprefix("pd_op.")
                message = f"{name} meets {dim} with the constant {constant}: only sizes that make the two equal work"
                return Fixed(key, message, "warning")
    return None


register(Rule("ST503", "an axis the spec leaves unknown works for one size only", "warning", one_size))
