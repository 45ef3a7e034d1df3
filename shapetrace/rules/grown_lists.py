"""ST803: a list that grows in a converted loop became an array of tensors, and is used as the list that it was."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import left_inside, sides
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import ControlFlow, Conversion, FailedCall, Failure, Finding, Fix, Given, Said, Sink, Site, Trace

_APPENDED = re.compile(r"x should be pir\.Value, but received <class '([\w.]+)'>")
"""What `paddle.tensor.array_write` says."""
_ARRAY = ("pd_op.tensor_array", "lod_tensor_array", "dense_tensor_array")
"""How the dtype of an array of tensors begins in a recorded program."""
_LIST = re.compile(r"\.\w+\s*$")
"""The method in `outs.extend`."""
_NO_ATTRIBUTE = "object has no attribute"
_PLURAL = {"list": said("a list"), "tuple": said("a tuple"), "dict": said("a dict"), "NoneType": said("None")}


def arrays(trace: Trace) -> Iterator[Finding]:
    """ST803: what a conversion failed of, or every run of the export will."""
    for index, conversion in enumerate(trace.conversions):
        flows = [flow for flow in trace.control_flow if flow.conversion == index and flow.site >= 0]
        failure = conversion.failure
        if failure is None:
            yield from _left_to_python(trace, index)
            finding = _returned(trace, index, flows)
        elif failure.placeholder is not None:
            finding = None
        else:
            finding = _added(trace, flows) or _appended(trace, flows, failure) or _used(trace, index, flows, failure)
        if finding is not None:
            yield finding


def gets_an_array(conversion: Conversion, call: FailedCall) -> bool:
    """Whether an array of tensors is among what a call got, so that the shape of a tensor has no part in its failure."""
    return _given_array(conversion, call) is not None


def _given_array(conversion: Conversion, call: FailedCall) -> Given | None:
    operands = (
        item for group in (call.arguments, call.operands) for argument in group for item in (argument, *argument.items)
    )
    return next((item for item in operands if item.value >= 0 and _is_array(conversion, item.value)), None)


def _is_array(conversion: Conversion, value: int) -> bool:
    return conversion.values[value].dtype.startswith(_ARRAY)


def _growing(flows: list[ControlFlow], name: str) -> ControlFlow | None:
    """The statement in which a list became an array; of any name where it has none."""
    growing = [
        flow
        for flow in flows
        for variable in flow.variables
        if name in ("", variable.name)
        and (variable.before.type == "list" or any(state.type == "TensorArray" for state in variable.after))
    ]
    return growing[-1] if growing and (name or len(growing) == 1) else None


def _appended(trace: Trace, flows: list[ControlFlow], failure: Failure) -> Finding | None:
    """What is no tensor was appended."""
    told, call = _APPENDED.search(failure.message), failure.call
    if told is None or call is None or call.site < 0 or not call.arguments:
        return None
    array, *others = call.arguments
    flow = _growing(flows, array.code)
    if flow is None:
        return None
    appended = others[0] if others else None
    code = " ".join(appended.code.split()) if appended is not None else ""
    name, kind = f"`{array.code}`", told[1]
    what = _PLURAL.get(kind, kind)
    head = sides.head(trace, flow)
    message = (
        said("{} is an array of tensors in `{}`, and `{}`, which is appended to it, is {}", name, head, code, what)
        if code
        else said("{} is an array of tensors in `{}`, and what is appended to it is {}", name, head, what)
    )
    return _finding(trace, flow, array.code, message, trace.sites[call.site], _in_place_of(kind, code))


def _in_place_of(kind: str, code: str) -> Said:
    """What to append."""
    if code.endswith(".shape"):
        return said("append a tensor: paddle.shape({})", code.removesuffix(".shape"))
    if kind in ("list", "tuple"):
        return said("append a tensor, paddle.stack of these, or have one list for each of them")
    if kind == "dict":
        return said("have one list for each key, and append tensors")
    if kind in ("int", "float", "bool"):
        return said("append a tensor: paddle.full([], {})", code or "...")
    return said("append a tensor, an empty one where there is nothing, or append outside of the loop")


def _added(trace: Trace, flows: list[ControlFlow]) -> Finding | None:
    """A list grew by `+`, which Paddle makes no array of."""
    for flow in flows:
        if flow.kind != "loop" or flow.ended != "here" or flow.counted:
            continue
        for variable in flow.variables:
            states = (variable.before, *variable.after)
            if len(states) == 2 and {state.type for state in states} == {"list"} and states[0].text != states[1].text:
                head = sides.head(trace, flow)
                message = said(
                    "`{}` has {} elements before `{}`, and {} after a turn",
                    variable.name,
                    states[0].text,
                    head,
                    states[1].text,
                )
                fix = said("let it grow by `{}.append(...)`: of that Paddle makes an array of tensors", variable.name)
                at = trace.sites[variable.assigned if variable.assigned >= 0 else flow.site]
                return _finding(trace, flow, variable.name, message, at, fix)
    return None


def _left_to_python(trace: Trace, index: int) -> Iterator[Finding]:
    """A list grew by what Paddle makes no op of."""
    for problem in left_inside.left(trace, index):
        if problem.grows is not None:
            code, name = " ".join(problem.grows.code.split()), _LIST.sub("", problem.grows.code.partition("(")[0])
            head = sides.head(trace, problem.flow)
            message = said("`{}` puts tensors of `{}` into a list, and they are used after it", code, head)
            fix = said("let it grow by `{}.append(...)`: of that Paddle makes an array of tensors", name)
            yield _finding(trace, problem.flow, name, message, problem.grows, fix, left_inside.why_it_fails())


def _used(trace: Trace, index: int, flows: list[ControlFlow], failure: Failure) -> Finding | None:
    """An array was handed to what wants a tensor or a list."""
    conversion, call = trace.conversions[index], failure.call
    array = _given_array(conversion, call) if call is not None else None
    if call is not None and call.site >= 0 and array is not None:
        site = trace.sites[call.site]
    elif failure.stack and failure.type == "AttributeError" and _NO_ATTRIBUTE in failure.message:
        site = trace.sites[failure.stack[-1]]
    else:
        return None
    name = _name(flows, site, array)
    flow = _growing(flows, name)
    if flow is None:
        return None
    code = " ".join(site.code.split())
    if not name:
        name = next(variable.name for variable in flow.variables if variable.before.type in ("list", "TensorArray"))
    message = said(
        "`{}` takes `{}` for a list, and in `{}` it became an array of tensors", code, name, sides.head(trace, flow)
    )
    return _finding(trace, flow, name, message, site, _instead(code, name))


def _name(flows: list[ControlFlow], site: Site, array: Given | None) -> str:
    """The array's name in the user's expression: one of those that grew."""
    grown = {
        variable.name
        for flow in flows
        for variable in flow.variables
        if any(state.type == "TensorArray" for state in (variable.before, *variable.after))
    }
    if array is not None and array.code in grown:
        return array.code
    try:
        parts = list(ast.walk(ast.parse(site.code.strip().rstrip(":").removeprefix("if "))))
    except SyntaxError:
        return ""
    named = (ast.unparse(part) for part in parts if isinstance(part, ast.Name | ast.Attribute))
    return next((name for name in named if name in grown), "" if array is not None else "?")


def _instead(code: str, name: str) -> Said:
    if code.startswith("not ") or code.startswith("if not "):
        return said("ask for its length: len({}) == 0", name)
    if code.startswith(f"{name} + ["):
        return said("put that there by `{}.append(...)` as well", name)
    return said("make one tensor of it first: paddle.stack({}), or paddle.concat({})", name, name)


def _returned(trace: Trace, index: int, flows: list[ControlFlow]) -> Finding | None:
    """The export gives an array, which no run of it can hand out."""
    conversion = trace.conversions[index]
    if not any(value >= 0 and _is_array(conversion, value) for value in conversion.outputs):
        return None
    flow = next((flow for flow in reversed(flows) if _grown(flow)), None)
    if flow is None:
        return None
    name, head = _grown(flow), sides.head(trace, flow)
    message = said(
        "`{}` is returned, and in `{}` it became an array of tensors: every run of the export fails", name, head
    )
    site = trace.sites[flow.site]
    return _finding(
        trace, flow, name, message, site, said("return one tensor: paddle.stack({}), or paddle.concat({})", name, name)
    )


def _grown(flow: ControlFlow) -> str:
    arrays = (variable for variable in flow.variables if any(state.type == "TensorArray" for state in variable.after))
    return next((variable.name for variable in arrays), "")


def _finding(trace: Trace, flow: ControlFlow, name: str, told: Said, site: Site, fix: Said, *notes: Said) -> Finding:
    """A finding at `site`, with the statement in which the list grows as where it comes from."""
    failure = trace.conversions[flow.conversion].failure
    return Finding(
        rule="ST803",
        severity="error",
        said=told,
        expression=name,
        source=trace.sites[flow.reads[0]] if flow.reads else None,
        sink=Sink.at(site, "list"),
        roots=sides.roots(trace, flow),
        chain=(sides.head_step(trace, flow),),
        fix=Fix(fix),
        conversion=flow.conversion,
        layers=(failure.layer if failure is not None else "",),
        remarks=(*notes, sides.why(trace, flow)),
    )


register(Rule("ST803", "a list became an array of tensors in a converted loop", "error", arrays))
