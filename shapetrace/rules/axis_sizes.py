"""ST805: a function must know the size of an axis when the program is built, and the spec leaves it unknown."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.facts import known_sizes, ops
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.trace import Conversion, FailedCall, Failure, Finding, Fix, Given, Root, Said, Sentence, Sink, Trace
from shapetrace.trace.said import said

_IS_UNKNOWN = "[-1]"
"""How Paddle's sentences name the size: "channel[-1]", "the input's channels is [-1]"."""
_CHANNELS_LAST = frozenset({"'NHWC'", "'NLC'", "'NDHWC'"})


class Need(NamedTuple):
    """A size that was needed."""

    function: str
    tensor: Given
    axis: int


def needed(trace: Trace) -> Iterator[Finding]:
    """ST805: a conversion, or its process, ended because a size was not known."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        need = unknown(trace, failure) if failure is not None else None
        if failure is not None and failure.call is not None and need is not None:
            yield _finding(trace, index, conversion, failure.call, need)


def unknown(trace: Trace, failure: Failure) -> Need | None:
    """The size that a call needed, and that is unknown; None where the call failed of anything else."""
    call = failure.call
    if call is None or call.site < 0:
        return None
    function = next(
        (name for name in (ops.bare(call.op), call.api) if name in known_sizes.AXES or name in known_sizes.AXIS), ""
    )
    told = function in known_sizes.ALL_PLACES or _IS_UNKNOWN in failure.message
    if not function or not told:
        return None
    given = [item for argument in (*call.arguments, *call.operands) for item in (argument, *argument.items)]
    for tensor in given:
        if tensor.type == "Tensor":
            axes = known_sizes.AXES.get(function) or _axis(trace.sites[call.site].code, function, len(tensor.shape))
            if any(item.text in _CHANNELS_LAST for item in given):
                axes = (len(tensor.shape) - 1,)
            axis = next((axis for axis in axes if axis < len(tensor.shape) and tensor.shape[axis] < 0), None)
            if axis is not None:
                return Need(function, tensor, axis)
    return None


def _axis(code: str, function: str, rank: int) -> tuple[int, ...]:
    """The axis that a call names; any where that cannot be read from it."""
    try:
        calls = [node for node in ast.walk(ast.parse(code.strip())) if isinstance(node, ast.Call)]
    except SyntaxError:
        return tuple(range(rank))
    for call in calls:
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called != function:
            continue
        values = [keyword.value for keyword in call.keywords if keyword.arg == "axis"]
        method = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).rpartition(".")[2] not in (
            "paddle",
            "tensor",
        )
        values += call.args[0 if method else 1 :][:1]
        if not values:
            return (known_sizes.AXIS[function],)
        try:
            axis = ast.literal_eval(values[0])
        except ValueError:
            break
        return (axis % rank,) if isinstance(axis, int) and rank else ()
    return tuple(range(rank))


def _finding(trace: Trace, index: int, conversion: Conversion, call: FailedCall, need: Need) -> Finding:
    site = trace.sites[call.site]
    dim = _dim(conversion, need)
    name: Sentence = f"`{need.tensor.code}`" if need.tensor.code else said("the tensor")
    function = f"`{' '.join(site.code.split())}`" if need.function == "unpack" else need.function
    size: Sentence = f"`{dim}`" if dim else said("this size")
    return Finding(
        rule="ST805",
        severity="error",
        said=said(
            "{} must know the size of axis {} of {}, and {} is known only when the program runs",
            function,
            need.axis,
            name,
            size,
        ),
        expression=need.tensor.code,
        symbolic=dim,
        sink=Sink.at(site, need.function),
        roots=tuple(Root(each.input, each.axis, each.name) for each in conversion.symbols if each.name == dim),
        fix=Fix(_instead(need, need.tensor.code or "x")),
        conversion=index,
        layers=(call.layer,),
        remarks=(_why(need),),
    )


def _dim(conversion: Conversion, need: Need) -> str:
    """The unknown dim as people call it; empty where that is not known."""
    if not 0 <= need.tensor.value < len(conversion.values):
        return ""
    printed = conversion.printed(conversion.values[need.tensor.value].dims)
    return printed[need.axis] if printed is not None and need.axis < len(printed) else ""


def _why(need: Need) -> Said:
    if need.function in known_sizes.ALL_PLACES:
        return said("there would be one tensor for each place of this axis, and a program must know how many")
    return said("Paddle checks this size when it builds the program, and has -1 for it")


def _instead(need: Need, code: str) -> Said:
    places = ", ".join([":"] * need.axis + ["i"])
    if need.function == "unpack":
        return said("take what is there by index, {}[0], {}[1], or give this size in the spec", code, code)
    if need.function in known_sizes.ALL_PLACES:
        return said(
            "compute on the whole tensor, or take {}[{}] in `for i in range({}.shape[{}])`, which Paddle converts; or give this size in the spec",
            code,
            places,
            code,
            need.axis,
        )
    return said("give this size in the spec")


register(Rule("ST805", "an op must know the size of an axis", "error", needed))
