"""ST503: an axis that the spec leaves unknown works for one size only, by a constant somewhere in the program."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from shapetrace import symbolic
from shapetrace.rules.evidence import SIZES
from shapetrace.rules.registry import Rule, register
from shapetrace.trace import Conversion, Finding, Op, Root, Severity, Sink, Trace, Value

_ELEMENTWISE = frozenset({"add", "subtract", "multiply", "divide", "maximum", "minimum", "where", "elementwise_pow"})


_Told = tuple[str, str, Severity]
"""A symbol, what fixes it, and how grave that is."""


def one_size(trace: Trace) -> Iterator[Finding]:
    """ST503: an op fixes an unknown dim to one size: a reshape to constants, an operand of a constant size."""
    for number, conversion in enumerate(trace.conversions):
        for op in conversion.ops:
            told = _fixed(conversion, op)
            if told is None or not op.stack:
                continue
            key, message, severity = told
            symbol = next((symbol for symbol in conversion.symbols if symbol.key == key), None)
            if symbol is None or symbol.input is None:
                continue
            site = trace.sites[op.stack[-1]]
            name = op.name.removeprefix("pd_op.")
            yield Finding(
                rule="ST503",
                severity=severity,
                message=f"{symbol.input}[{symbol.axis}] is unknown in the spec, but {message}",
                expression=site.code,
                symbolic=symbol.name,
                source=site,
                sink=Sink(**{field: getattr(site, field) for field in site.__struct_fields__}, op=name),
                roots=(Root(symbol.input, symbol.axis, symbol.name),),
                conversion=number,
                layers=(op.layer,),
            )


def _fixed(conversion: Conversion, op: Op) -> _Told | None:
    """The symbol that an op fixes, and how; None for an op that fixes none."""
    name = op.name.removeprefix("pd_op.")
    values = [conversion.values[index] for index in op.inputs if index >= 0]
    if name == "reshape" and values and op.outputs:
        return _reshaped(conversion, values[0], conversion.values[op.outputs[0]])
    if name in _ELEMENTWISE and len(values) >= 2:
        return _met(conversion, values[-2], values[-1], name)
    return None


def _reshaped(conversion: Conversion, source: Value, result: Value) -> _Told | None:
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
        if len(unknown) > 1 or all(_size(expressions, keys[0], size) % rest == 0 for size in SIZES):
            return None
        return keys[0], f"a reshape to {list(result.shape)} asks for a multiple of {rest}", "note"
    total = prod(result.shape)
    fitting = (
        [size for size in range(1, total + 1) if _size(expressions, keys[0], size) == total] if total < 1 << 16 else []
    )
    only = f"only {fitting[0]} fits" if len(fitting) == 1 else "few sizes fit"
    return keys[0], f"a reshape to {list(result.shape)} leaves no room for it: {only}", "warning"


def _size(expressions: list[str], key: str, size: int) -> int:
    try:
        return prod(symbolic.evaluate(expression, {key: size}) for expression in expressions)
    except (ValueError, ArithmeticError):
        return -1


def _met(conversion: Conversion, first: Value, second: Value, name: str) -> _Told | None:
    """An elementwise op of an unknown dim and a constant other than 1 fixes the unknown one."""
    if first.dims is None or second.dims is None:
        return None
    for left, right in zip(reversed(first.dims), reversed(second.dims), strict=False):
        pair = conversion.expressions[left], conversion.expressions[right]
        for unknown, constant in (pair, pair[::-1]):
            keys = symbolic.symbols(unknown)
            if len(keys) == 1 and constant.isdigit() and int(constant) > 1:
                (key,) = keys
                dim = symbolic.text(unknown, conversion.names)
                message = f"{name} meets {dim} with the constant {constant}: only sizes that make the two equal work"
                return key, message, "warning"
    return None


register(Rule("ST503", "an axis the spec leaves unknown works for one size only", "warning", one_size))
