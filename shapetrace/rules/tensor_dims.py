"""ST6xx: rewritten code holds an unknown dim as a tensor, and hands it to something that wants an int."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shapetrace import symbolic
from shapetrace.capture.source import dim_tensors
from shapetrace.facts import ops, wanted
from shapetrace.plugin import Rule
from shapetrace.rules import fixes, raising_sides, whole_powers
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import (
    Conversion,
    FailedCall,
    Finding,
    Fix,
    Given,
    Root,
    Said,
    Sentence,
    Sink,
    Site,
    Step,
    Symbol,
    TensorUse,
    Trace,
)

_GENERATOR = re.compile(r"\(.* for .* in .*\)$", re.DOTALL)


def refused(trace: Trace) -> Iterator[Finding]:
    """ST601: Python needed the number of a dim that is a tensor."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        call = failure.call if failure is not None else None
        if call is None or call.by != "python" or call.api == "*" or call.site < 0 or call.needed is not None:
            continue
        if failure is not None and raising_sides.at(trace, index, failure) is not None:
            continue  # what is raised needs a number for its text; that it is raised at all is the matter
        tensor = _tensor(call)
        if tensor is None:
            continue
        site = trace.sites[call.site]
        code = " ".join(site.code.split())
        name = _name(tensor)
        tells = said("in rewritten code {} is a tensor" if call.rewritten else "{} is a tensor", name)
        yield _finding(
            trace,
            index,
            "ST601",
            said("`{}` needs a number, and {}", code, tells),
            tensor,
            site,
            call.api.lstrip("."),
            fixes.of_site(trace, site) or _advice(conversion, code),
            call.layer,
        )


def _advice(conversion: Conversion, code: str) -> Fix | None:
    """What to write, in words, where no form of the expression takes a tensor."""
    if code.startswith(("any(", "all(")):
        name, word = ("any()", "or") if code.startswith("any(") else ("all()", "and")
        return Fix(
            said(
                "write the tests out, one for each dim, with `{}` between them: Paddle converts that, and not {}",
                word,
                name,
            )
        )
    failure = conversion.failure
    want = wanted.wanted(failure.type, failure.message) if failure is not None else None
    if want is None and failure is not None and failure.type == "AttributeError":
        want = "number"  # a method of ints, such as bit_length
    return None if want is None else Fix(wanted.advice(want))


def misjudged(trace: Trace) -> Iterator[Finding]:
    """ST602: Python took a dim that is a tensor for something else, and went on."""
    failed = {
        conversion.failure.call.site
        for conversion in trace.conversions
        if conversion.failure and conversion.failure.call
    }
    for use in trace.tensor_uses:
        if use.site in failed or not use.tensor.reads:
            continue
        site = trace.sites[use.site]
        yield _finding(
            trace,
            use.conversion,
            "ST602",
            _misjudged(use, _line(site)),
            use.tensor,
            site,
            use.kind,
            _instead(trace, site, use),
            use.layer,
        )
    for power in whole_powers.found(trace):
        code = _line(power.site)
        yield _finding(
            trace,
            power.conversion,
            "ST602",
            said("`{}` is a power in whole numbers: where its exponent is below zero, Paddle gives 0", code),
            Given("Tensor", code=code, value=power.value),
            power.site,
            "**",
            power.fix,
            power.layer,
            power.reads,
        )


def _instead(trace: Trace, site: Site, use: TensorUse) -> Fix | None:
    if use.kind == "empty":
        return Fix(wanted.advice("array"))
    if use.kind in ("operand", "operands"):
        return fixes.of_choice(trace, site)
    return fixes.of_site(trace, site) if use.kind == "truth" else None


def _misjudged(use: TensorUse, code: str) -> Said:
    """What Python took the tensor for in an expression."""
    name, detail = _name(use.tensor), use.detail
    if use.kind == "lookup":
        return said(
            "a lookup with {} finds nothing, whatever the size: {} is a tensor, and the keys are {}", name, name, detail
        )
    if use.kind == "text":
        return said(
            "a lookup with the text of {} finds nothing: {} is a tensor, whose text does not hold the number",
            name,
            name,
        )
    if use.kind == "isinstance":
        return said("isinstance({}, {}) is False, whatever the size: {} is a tensor", name, detail, name)
    if use.kind == "empty":
        return said("`{}` goes through a dim as through a list, and finds it empty: it is a tensor without axes", code)
    if use.kind == "operands":
        word, _, other = detail.partition(" ")
        return said(
            "`{}` gives neither {} nor {}, but 0 or 1: of two tensors Paddle makes a logical_{}",
            code,
            name,
            other,
            word,
        )
    if use.kind == "operand":
        word, _, other = detail.partition(" ")
        given, lost = (other, name) if word == "or" else (name, other)
        return said(
            "`{}` gives {} and never {}: {} is a tensor, and Paddle asks the other operand first",
            code,
            given,
            lost,
            name,
        )
    return said(
        "`{}` is decided by accident: it asks whether a tensor is true, and every tensor of Paddle 2.6 is", name
    )


def _tensor(call: FailedCall) -> Given | None:
    operands = [item for argument in call.arguments for item in (argument, *argument.items)]
    return next((item for item in operands if item.reads and item.value >= 0), None)


def _name(tensor: Given) -> Sentence:
    """What to call the tensor: the expression that is it, or that holds it."""
    if tensor.code.endswith(".shape") or tensor.code.startswith(("tuple(", "list(")):
        return said("a dim in {}", tensor.code)
    if _GENERATOR.match(tensor.code):
        return said("a dim in it")
    return tensor.code or said("a dim in it")


def _finding(
    trace: Trace,
    index: int,
    rule: str,
    sentence: Said,
    tensor: Given,
    site: Site,
    op: str,
    fix: Fix | None,
    layer: str,
    reads: Sequence[Site] = (),
) -> Finding:
    conversion = trace.conversions[index]
    text = dim_tensors.printed(conversion, tensor.value)
    reads = reads or [trace.sites[read] for read in tensor.reads]
    held = dim_tensors.held(conversion, tensor.value)
    steps = [
        Step(_line(read), -1, _read_text(conversion, held, len(reads), position), read)
        for position, read in enumerate(reads)
    ]
    steps.append(Step(tensor.code or _line(site), -1, text, site))
    return Finding(
        rule=rule,
        severity="error" if rule == "ST601" else "warning",
        said=sentence,
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
    keys = symbolic.symbols(text) if (text := dim_tensors.expression(conversion, value)) else frozenset()
    return tuple(
        Root(item.input, item.axis, item.name)
        for item in conversion.symbols
        if item.key in keys and not _of_a_loop(conversion, item)
    )


def _of_a_loop(conversion: Conversion, symbol: Symbol) -> bool:
    """Whether a symbol is how far a loop has come, which the model does not read anywhere."""
    born = conversion.ops[symbol.op] if symbol.op is not None else None
    return born is not None and (born.parent >= 0 or born.name in (ops.RANGE, ops.WHILE))


def _line(site: Site) -> str:
    return " ".join(site.code.split())


register(Rule("ST601", "Python needs a number, and the dim is a tensor", "error", refused))
register(Rule("ST602", "Python takes a dim that is a tensor for something else", "warning", misjudged))
