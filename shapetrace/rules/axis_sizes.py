"""ST805: a function must know the size of an axis when the program is built, and the spec leaves it unknown."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.facts import known_sizes, ops
from shapetrace.plugin import Rule
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Conversion, FailedCall, Failure, Finding, Fix, Given, Root, Said, Sentence, Sink, Trace

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
    operands = [item for argument in (*call.arguments, *call.operands) for item in (argument, *argument.items)]
    for tensor in operands:
        if tensor.type == "Tensor":
            axes = known_sizes.AXES.get(function) or _axis(trace.sites[call.site].code, function, len(tensor.shape))
            if any(item.text in _CHANNELS_LAST for item in operands):
                axes = (len(tensor.shape) - 1,)
            axis = next((axis for axis in axes if axis < len(tensor.shape) and tensor.shape[axis] < 0), None)
            if axis is not None:
                return Need(function, tensor, axis)
    return None


def _axis(code: str, function: str, rank: int) -> tuple[int, ...]:
    """The axis that a call names; any where that cannot be read from it."""
    call = _call(code, function)
    if call is None:
        return tuple(range(rank))
    values = [keyword.value for keyword in call.keywords if keyword.arg == "axis"]
    values += call.args[0 if _is_method(call) else 1 :][:1]
    if not values:
        return (known_sizes.AXIS[function],)
    try:
        axis = ast.literal_eval(values[0])
    except ValueError:
        return tuple(range(rank))
    return (axis % rank,) if isinstance(axis, int) and rank else ()


def _written(code: str, function: str) -> str:
    """The tensor as the user wrote it in a call; empty where that cannot be read from it."""
    call = _call(code, function)
    if call is None:
        return ""
    if _is_method(call):
        return ast.unparse(call.func.value)  # type: ignore[attr-defined]
    named = (keyword.value for keyword in call.keywords if keyword.arg in ("x", "input"))
    tensor = call.args[0] if call.args else next(named, None)
    return "" if tensor is None or isinstance(tensor, ast.Starred) else ast.unparse(tensor)


def _call(code: str, function: str) -> ast.Call | None:
    """The call of a function in the user's code."""
    try:
        calls = [node for node in ast.walk(ast.parse(code.strip())) if isinstance(node, ast.Call)]
    except SyntaxError:
        return None
    return next((call for call in calls if _called(call) == function), None)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else str(getattr(call.func, "id", ""))


def _is_method(call: ast.Call) -> bool:
    """Whether it is the tensor's own, and no function of a module."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return owner is not None and ast.unparse(owner).rpartition(".")[2] not in ("paddle", "tensor")


def _finding(trace: Trace, index: int, conversion: Conversion, call: FailedCall, need: Need) -> Finding:
    site = trace.sites[call.site]
    dim = _dim(conversion, need)
    code = need.tensor.code or _written(site.code, need.function)
    name: Sentence = f"`{code}`" if code else said("the tensor")
    function = f"`{' '.join(site.code.split())}`" if need.function == "unpack" else need.function
    size: Sentence = f"`{dim or f'{code}.shape[{need.axis}]'}`" if dim or code else said("this size")
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
        expression=code,
        symbolic=dim,
        sink=Sink.at(site, need.function),
        roots=_roots(conversion, need),
        fix=Fix(_instead(need, code or "x")),
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


def _roots(conversion: Conversion, need: Need) -> tuple[Root, ...]:
    """The input axes that the unknown dim comes of."""
    dims = conversion.values[need.tensor.value].dims if need.tensor.value >= 0 else None
    if dims is None or need.axis >= len(dims):
        return ()
    keys = symbolic.symbols(conversion.expressions[dims[need.axis]])
    return tuple(Root(symbol.input, symbol.axis, symbol.name) for symbol in conversion.symbols if symbol.key in keys)


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
