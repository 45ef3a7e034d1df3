"""ST804: Python needs the value of a tensor, and a tensor of a program has none before the export runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from shapetrace.facts import ops, wanted
from shapetrace.facts.wanted import Want
from shapetrace.plugin import Rule
from shapetrace.rules import fixes, given_inputs, grown_lists
from shapetrace.rules.registry import register
from shapetrace.said import joined, said
from shapetrace.trace import (
    Conversion,
    FailedCall,
    Failure,
    Finding,
    Fix,
    Given,
    Said,
    Sentence,
    Sink,
    Site,
    TensorUse,
    Trace,
)

_MOST_CODE = 60
_MOST_INPUTS = 3


def needed(trace: Trace) -> Iterator[Finding]:
    """ST804: a conversion ended because Python needed the value of a tensor."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        call = failure.call if failure is not None else None
        if failure is None or call is None or call.site < 0:
            continue
        array = next((argument for argument in call.arguments if argument.type == "ndarray"), None)
        if call.by == "paddle" and array is not None and wanted.of_objects(failure.message):
            yield _of_objects(trace, index, call, array)
        if call.by != "python" or call.api == "*":
            continue
        if grown_lists.gets_an_array(conversion, call):
            continue  # it is no tensor that the user has made
        want = _want(failure, call)
        if want is not None and not any(_holds_a_dim(argument) for argument in call.arguments if call.needed is None):
            yield _ended(trace, index, call, want)
    for use in trace.tensor_uses:
        if use.kind == "truth" and not use.tensor.reads:
            yield _taken_for_true(trace, use)


def _want(failure: Failure, call: FailedCall) -> Want | None:
    want = wanted.wanted(failure.type, failure.message)
    if want is None and wanted.of_an_array(failure.message):
        return "array" if call.needed is not None else None
    return want


def _holds_a_dim(argument: Given) -> bool:
    return bool(argument.reads) or any(item.reads for item in argument.items)


def _ended(trace: Trace, index: int, call: FailedCall, want: Want) -> Finding:
    conversion, site = trace.conversions[index], trace.sites[call.site]
    origin = _origin(conversion, call.needed)
    told = said(
        "`{}` needs the length of {}, and no tensor has one for Python in a conversion"
        if want == "length"
        else "`{}` needs the value of {}, and no tensor has one in a conversion",
        _code(site),
        _name(call.needed, origin),
    )
    remarks = [*_remarks(conversion, origin)] if want != "length" else []
    if not call.rewritten:
        remarks.append(said("Paddle has not converted this function, so that Python runs it as it stands"))
    fix = _fix(trace, site) if call.rewritten else None
    finding = _finding(trace, index, site, told, origin, fix or Fix(wanted.advice(want)))
    return msgspec.structs.replace(finding, layers=(call.layer,), remarks=tuple(remarks))


def _of_objects(trace: Trace, index: int, call: FailedCall, array: Given) -> Finding:
    """NumPy has made an array of tensors, whose values it did not get, and Paddle wants numbers."""
    told = said("{} needs numbers, and `{}` is an array of NumPy's that holds tensors", call.api, array.code)
    fix = Fix(wanted.advice("array"))
    return msgspec.structs.replace(
        _finding(trace, index, trace.sites[call.site], told, _Origin(), fix), layers=(call.layer,)
    )


def _taken_for_true(trace: Trace, use: TensorUse) -> Finding:
    """Of Paddle 2.6, which lets Python ask a tensor whether it is true."""
    conversion, site = trace.conversions[use.conversion], trace.sites[use.site]
    origin = _origin(conversion, use.tensor)
    told = said(
        "`{}` is decided by accident: it asks whether a tensor is true, and every tensor of Paddle 2.6 is", _code(site)
    )
    fix = _fix(trace, site) or Fix(wanted.advice("truth"))
    finding = _finding(trace, use.conversion, site, told, origin, fix)
    return msgspec.structs.replace(
        finding, severity="warning", layers=(use.layer,), remarks=tuple(_remarks(conversion, origin))
    )


def _fix(trace: Trace, site: Site) -> Fix | None:
    """The same in a form that takes a tensor. It was measured with dims: of values a person must judge."""
    fix = fixes.of_site(trace, site)
    return msgspec.structs.replace(fix, applicability="maybe") if fix is not None and fix.edits else None


def _finding(trace: Trace, index: int, site: Site, told: Said, origin: _Origin, fix: Fix) -> Finding:
    return Finding(
        rule="ST804",
        severity="error",
        said=told,
        expression=_code(site),
        source=origin.site,
        sink=Sink.at(site, ""),
        fix=fix,
        conversion=index,
    )


class _Origin(NamedTuple):
    """Where the value of a tensor comes from."""

    inputs: tuple[str, ...] = ()
    """The inputs that it is computed from."""
    itself: bool = False
    """Whether it is one of them."""
    site: Site | None = None
    """Where it is made: the line of its op, or of the input's spec."""


def _origin(conversion: Conversion, tensor: Given | None) -> _Origin:
    if tensor is None or tensor.value < 0:
        return _Origin()
    names = given_inputs.of_value(conversion, tensor.value, by_size=False)
    made = conversion.ops[conversion.values[tensor.value].op]
    itself = made.name in ops.INPUTS
    site = conversion.sites[made.stack[-1]] if made.stack and made.name not in ops.GIVEN else None
    if itself:
        site = next((_site(conversion, spec.site) for spec in conversion.inputs if spec.name in names), None)
    return _Origin(tuple(names), itself, site)


def _site(conversion: Conversion, index: int) -> Site | None:
    return conversion.sites[index] if index >= 0 else None


def _name(tensor: Given | None, origin: _Origin) -> Sentence:
    """What to call the tensor."""
    if tensor is not None and 0 < len(tensor.code) <= _MOST_CODE:
        return said("`{}`", " ".join(tensor.code.split()))
    if origin.itself:
        return said("the input {}", origin.inputs[0])
    return said("a tensor computed from {}", _listed(origin)) if origin.inputs else said("a tensor")


def _listed(origin: _Origin) -> Sentence:
    shown = list(origin.inputs[:_MOST_INPUTS])
    return joined("{} and {}", shown)


def _remarks(conversion: Conversion, origin: _Origin) -> Iterator[Said]:
    if not origin.inputs:
        return
    yield said(
        "it is the input {}: its value comes with the data of each run"
        if origin.itself
        else "it is computed from {}, whose values come with the data of each run",
        _listed(origin),
    )
    spec = next((item for item in conversion.inputs if item.name == origin.inputs[0]), None)
    if spec is not None and len(spec.shape) <= 1 and len(origin.inputs) == 1:
        yield said(
            "where {} is the same in all runs, give its value in the place of its spec: it is a constant of the export then",
            spec.name,
        )


def _code(site: Site) -> str:
    return " ".join(site.code.split())


register(Rule("ST804", "a tensor's value is wanted in a conversion", "error", needed))
