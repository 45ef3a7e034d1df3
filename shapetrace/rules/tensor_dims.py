"""ST6xx: rewritten code holds an unknown dim as a tensor, and hands it to something that wants an int."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace import symbolic
from shapetrace.capture.source import dim_tensors
from shapetrace.plugin import Rule
from shapetrace.rules import fixes
from shapetrace.rules.registry import register
from shapetrace.trace import (
    Conversion,
    FailedCall,
    Finding,
    Fix,
    Given,
    Root,
    Sink,
    Site,
    Step,
    TensorUseKind,
    Trace,
)

_SILENT: dict[TensorUseKind, str] = {
    "lookup": "a lookup with {0} finds nothing, whatever the size: {0} is a tensor, and the keys are {1}",
    "text": "a lookup with the text of {0} finds nothing: {0} is a tensor, whose text does not hold the number",
    "isinstance": "isinstance({0}, {1}) is False, whatever the size: {0} is a tensor",
    "truth": "`{0}` is decided by accident: it asks whether a tensor is true, and every tensor of Paddle 2.6 is",
}


def refused(trace: Trace) -> Iterator[Finding]:
    """ST601: Python needed the number of a dim that is a tensor."""
    for index, conversion in enumerate(trace.conversions):
        call = conversion.failure.call if conversion.failure is not None else None
        if call is None or call.by != "python" or call.api == "*" or call.site < 0:
            continue
        tensor = _tensor(call)
        if tensor is None:
            continue
        site = trace.sites[call.site]
        code = " ".join(site.code.split())
        name = _name(tensor)
        where = "in rewritten code " if call.rewritten else ""
        yield _finding(
            trace,
            index,
            "ST601",
            f"`{code}` needs a number, and {where}{name} is a tensor",
            tensor,
            site,
            call.api.lstrip("."),
            fixes.of_site(trace, site),
            call.layer,
        )


def misjudged(trace: Trace) -> Iterator[Finding]:
    """ST602: Python took a dim that is a tensor for something else, and went on."""
    failed = {
        conversion.failure.call.site
        for conversion in trace.conversions
        if conversion.failure and conversion.failure.call
    }
    for use in trace.tensor_uses:
        if use.site in failed:
            continue
        name = _name(use.tensor)
        message = _SILENT[use.kind].format(name, use.detail)
        site = trace.sites[use.site]
        yield _finding(
            trace,
            use.conversion,
            "ST602",
            message,
            use.tensor,
            site,
            use.kind,
            fixes.of_site(trace, site) if use.kind == "truth" else None,
            use.layer,
        )


def _tensor(call: FailedCall) -> Given | None:
    given = [item for argument in call.arguments for item in (argument, *argument.items)]
    return next((item for item in given if item.reads and item.value >= 0), None)


def _name(tensor: Given) -> str:
    """What to call the tensor: the expression that is it, or that holds it."""
    if tensor.code.endswith(".shape") or tensor.code.startswith(("tuple(", "list(")):
        return f"a dim in {tensor.code}"
    return tensor.code or "a dim in it"


def _finding(
    trace: Trace, index: int, rule: str, message: str, tensor: Given, site: Site, op: str, fix: Fix | None, layer: str
) -> Finding:
    conversion = trace.conversions[index]
    text = dim_tensors.printed(conversion, tensor.value)
    reads = [trace.sites[read] for read in tensor.reads]
    held = dim_tensors.held(conversion, tensor.value)
    steps = [
        Step(_line(read), -1, _read_text(conversion, held, len(reads), position), read)
        for position, read in enumerate(reads)
    ]
    steps.append(Step(tensor.code or _line(site), -1, text, site))
    return Finding(
        rule=rule,
        severity="error" if rule == "ST601" else "warning",
        message=message,
        expression=tensor.code or _line(site),
        symbolic=text,
        source=reads[0] if reads else site,
        sink=Sink.at(site, op),
        roots=_roots(conversion, tensor.value),
        chain=tuple(steps),
        fix=fix,
        conversion=index,
        layers=(layer,),
    )


def _read_text(conversion: Conversion, held: dim_tensors.Held | None, count: int, position: int) -> str:
    """The shape that a read read."""
    if held is None or len(held.reads) != count:
        return ""
    source = conversion.ops[held.reads[position]].inputs[0]
    printed = conversion.printed(conversion.values[source].dims) if source >= 0 else None
    return f"[{', '.join(printed)}]" if printed is not None else ""


def _roots(conversion: Conversion, value: int) -> tuple[Root, ...]:
    known = symbolic.symbols(text) if (text := dim_tensors.expression(conversion, value)) else frozenset()
    return tuple(Root(item.input, item.axis, item.name) for item in conversion.symbols if item.key in known)


def _line(site: Site) -> str:
    return " ".join(site.code.split())


register(Rule("ST601", "Python needs a number, and the dim is a tensor", "error", refused))
register(Rule("ST602", "Python takes a dim that is a tensor for something else", "warning", misjudged))
