"""ST806: dtypes that do not go together, or that an op does not take: the operands, their dtypes, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.facts import dtypes, ops
from shapetrace.facts.dtypes import Mixed, NotTaken
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Conversion, FailedCall, Finding, Fix, Given, Said, Sentence, Sink, Site, Step, Trace

_MOST_CODE = 60
_AFTER_THE_FIRST = frozenset({"index", "indices", "mask", "label", "y"})
"""Parameters of ops that do not come first, where the function that the user called has another name for them."""


class _Side(NamedTuple):
    """An operand, or what is known of it: its dtype alone where the user has not given it."""

    dtype: str
    tensor: Given | None = None


class _Wrong(NamedTuple):
    """What is wrong with the dtypes of a call."""

    said: Said
    sides: tuple[_Side, ...]
    to: str
    """What to cast to."""


def mismatched(trace: Trace) -> Iterator[Finding]:
    """ST806: Paddle refused the dtypes of what a function was given."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        call = failure.call if failure is not None else None
        if failure is None or call is None or call.by != "paddle" or call.site < 0:
            continue
        told = dtypes.refused(failure.message)
        wrong = None
        if isinstance(told, Mixed):
            wrong = _mixed(trace, conversion, call, told)
        elif isinstance(told, NotTaken):
            wrong = _not_taken(trace, conversion, call, told)
        if wrong is not None:
            yield _finding(trace, index, call, wrong)


def _mixed(trace: Trace, conversion: Conversion, call: FailedCall, told: Mixed) -> _Wrong | None:
    tensors = _tensors(conversion, call)
    present = list(dict.fromkeys(side.dtype for side in tensors))[:2]
    asked = told.dtypes or tuple(present)
    if len(asked) != 2:
        return None
    sides = tuple(next((side for side in tensors if side.dtype == dtype), _Side(dtype)) for dtype in asked)
    what = said("{} got {} and {}, and Paddle does not mix these dtypes", _called(trace, call), *map(_described, sides))
    return _Wrong(what, sides, max(asked, key=_width))


def _width(dtype: str) -> tuple[bool, str]:
    """Orders dtypes by what a pair of them is cast to: floating point first."""
    return "float" in dtype, dtype


def _not_taken(trace: Trace, conversion: Conversion, call: FailedCall, told: NotTaken) -> _Wrong:
    alike = [
        operand for operand in _tensors(conversion, call) if operand.dtype == told.got and operand.tensor is not None
    ]
    named = [operand for operand in alike if operand.tensor is not None and operand.tensor.name == told.name]
    last = told.name in _AFTER_THE_FIRST
    side = next(iter(named or (reversed(alike) if last else alike)), _Side(told.got))
    what = said("{} got {}, and takes {} only", _called(trace, call), _described(side), ", ".join(told.takes))
    return _Wrong(what, (side,), told.preferred)


def _tensors(conversion: Conversion, call: FailedCall) -> list[_Side]:
    """The operands that are tensors, those that the user wrote first."""
    operands = [item for argument in (*call.arguments, *call.operands) for item in (argument, *argument.items)]
    tensors = [item for item in operands if item.type == "Tensor" and item.value >= 0]
    return [_Side(conversion.values[item.value].dtype, _named(conversion, item)) for item in tensors]


def _named(conversion: Conversion, operand: Given) -> Given:
    """A tensor under a name that the user knows: the expression, or the input that it is."""
    value = conversion.values[operand.value]
    name = value.name if conversion.ops[value.op].name in ops.GIVEN else ""
    code = " ".join(operand.code.split())
    return Given(
        "Tensor", operand.name, operand.text, code if 0 < len(code) <= _MOST_CODE else name, value=operand.value
    )


def _called(trace: Trace, call: FailedCall) -> str:
    """The function that was called; the user's expression where it is an operator."""
    if call.api.replace(".", "").isidentifier():
        return call.api
    return f"`{' '.join(trace.sites[call.site].code.split())}`"


def _described(side: _Side) -> Sentence:
    if side.tensor is None:
        return said("{} of its own", side.dtype)
    return said("{} ({})", side.tensor.code, side.dtype) if side.tensor.code else said("a tensor ({})", side.dtype)


def _finding(trace: Trace, index: int, call: FailedCall, wrong: _Wrong) -> Finding:
    conversion, site = trace.conversions[index], trace.sites[call.site]
    made = [(side, _made(conversion, side.tensor)) for side in wrong.sides if side.tensor is not None]
    sites = [place for _, place in made if place is not None and (place.file, place.line) != (site.file, site.line)]
    return Finding(
        rule="ST806",
        severity="error",
        said=wrong.said,
        expression=_code(site),
        source=sites[-1] if sites else None,
        sink=Sink.at(site, call.api.rpartition(".")[2]),
        chain=tuple(Step(_code(place), side.dtype, "", place) for side, place in made if place is not None),
        fix=_cast(wrong),
        conversion=index,
        layers=(call.layer,),
        remarks=tuple(_origin(conversion, side, place if place in sites else None) for side, place in made),
    )


def _made(conversion: Conversion, tensor: Given | None) -> Site | None:
    """Where a tensor was made; of an input, its spec."""
    if tensor is None:
        return None
    value = conversion.values[tensor.value]
    op = conversion.ops[value.op]
    if op.name in ops.INPUTS:
        at = next((spec.site for spec in conversion.inputs if spec.name == value.name), -1)
        return conversion.sites[at] if at >= 0 else None
    return conversion.sites[op.stack[-1]] if op.stack and op.name not in ops.GIVEN else None


def _origin(conversion: Conversion, side: _Side, place: Site | None) -> Said:
    assert side.tensor is not None
    value = conversion.values[side.tensor.value]
    maker = conversion.ops[value.op].name
    if maker in ops.INPUTS:
        return said("the input {} is {} by its spec", value.name, side.dtype)
    if maker in ops.PARAMETERS:
        return said("the weight {} is {}", value.name, side.dtype)
    name = side.tensor.code or said("the operand")
    if place is None:
        return said("{} is {}", name, side.dtype)
    file = place.file.replace(chr(92), "/").rpartition("/")[2]
    return said("{} is {}, made at {}: {}", name, side.dtype, f"{file}:{place.line}", _code(place))


def _cast(wrong: _Wrong) -> Fix:
    """What to write: the cast that makes the dtypes one."""
    side = next((operand for operand in wrong.sides if operand.dtype != wrong.to and operand.tensor is not None), None)
    code = side.tensor.code if side is not None and side.tensor is not None else ""
    name = code if code.replace("_", "a").replace(".", "a").isalnum() else f"({code})"
    text = f'{name}.astype("{wrong.to}")' if code else f'astype("{wrong.to}")'
    return Fix(said("cast it: {}; where it is an input, or made for this, give it that dtype at once", text))


def _code(site: Site) -> str:
    return " ".join(site.code.split())


register(Rule("ST806", "dtypes that do not go together", "error", mismatched))
