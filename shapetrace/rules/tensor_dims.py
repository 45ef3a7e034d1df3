"""ST6xx: rewritten code holds an unknown dim as a tensor, and hands it to something that wants an int."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapetrace import symbolic
from shapetrace.capture import tensors
from shapetrace.rules import fixes
from shapetrace.rules.registry import Rule, register
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
    TensorUse,
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
            _fix(call, site),
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
            trace, use.conversion, "ST602", message, use.tensor, site, use.kind, _silent_fix(use, site), use.layer
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
    text = tensors.printed(conversion, tensor.value)
    reads = [trace.sites[read] for read in tensor.reads]
    held = tensors.held(conversion, tensor.value)
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


def _read_text(conversion: Conversion, held: tensors.Held | None, count: int, position: int) -> str:
    """The shape that a read read."""
    if held is None or len(held.reads) != count:
        return ""
    source = conversion.ops[held.reads[position]].inputs[0]
    printed = conversion.printed(conversion.values[source].dims) if source >= 0 else None
    return f"[{', '.join(printed)}]" if printed is not None else ""


def _roots(conversion: Conversion, value: int) -> tuple[Root, ...]:
    known = symbolic.symbols(text) if (text := tensors.expression(conversion, value)) else frozenset()
    return tuple(Root(item.input, item.axis, item.name) for item in conversion.symbols if item.key in known)


def _line(site: Site) -> str:
    return " ".join(site.code.split())


# What to write instead. Each was exported and run at several sizes on 3.3.1, and works in dygraph too.


def _fix(call: FailedCall, site: Site) -> Fix | None:
    node = _parsed(site)
    written = None if node is None else _decision(node) or _instead(call, node)
    return Fix(written[1], "machine", (fixes.replacing(site, written[0]),)) if written is not None else None


def _silent_fix(use: TensorUse, site: Site) -> Fix | None:
    node = _parsed(site) if use.kind == "truth" else None
    written = None if node is None else _decision(node)
    return Fix(written[1], "machine", (fixes.replacing(site, written[0]),)) if written is not None else None


def _parsed(site: Site) -> ast.expr | None:
    try:
        return ast.parse(site.code.strip(), mode="eval").body
    except SyntaxError:
        return None


def _decision(node: ast.expr) -> tuple[str, str] | None:
    """For what asks comparisons for their truth."""
    if isinstance(node, ast.Call) and len(node.args) == 2:
        sign = {"max": ">", "min": "<"}.get(ast.unparse(node.func))
        if sign is not None:
            first, other = sorted((ast.unparse(argument) for argument in node.args), key=str.isdigit)
            return f"({first} if {first} {sign} {other} else {other})", "Paddle converts a conditional expression"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
        keys = node.comparators[0]
        if isinstance(keys, ast.List | ast.Tuple | ast.Set) and 0 < len(keys.elts) <= 8:
            sign, word = ("==", " or ") if isinstance(node.ops[0], ast.In) else ("!=", " and ")
            tests = [f"{ast.unparse(node.left)} {sign} {ast.unparse(key)}" for key in keys.elts]
            return word.join(tests), "comparisons of tensors are converted; `in` is not"
    return None


def _instead(call: FailedCall, node: ast.expr) -> tuple[str, str] | None:
    arguments = node.args if isinstance(node, ast.Call) else []
    text = [ast.unparse(argument) for argument in arguments]
    if call.api == "divmod" and len(text) == 2:
        return f"({text[0]} // {text[1]}, {text[0]} % {text[1]})", "operators work on tensors"
    if call.api in ("math.ceil", "math.floor") and arguments and isinstance(arguments[0], ast.BinOp):
        quotient = arguments[0]
        if isinstance(quotient.op, ast.Div):
            above, below = _in_parentheses(quotient.left), _in_parentheses(quotient.right)
            whole = f"-(-{above} // {below})" if call.api == "math.ceil" else f"{above} // {below}"
            return whole, "whole numbers, without a float in between"
    if call.api == "math.sqrt" and text:
        return f"{_in_parentheses(arguments[0])} ** 0.5", "operators work on tensors"
    listed = bool(call.arguments) and call.arguments[0].type in ("list", "tuple")
    if listed and isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        base, key = ast.unparse(node.value), ast.unparse(node.slice)
        return f"paddle.to_tensor({base})[{key}]", "a tensor of the numbers can be indexed with a tensor"
    if (
        call.api in ("np.zeros", "np.ones", "np.full", "np.arange", "numpy.zeros", "numpy.ones", "numpy.arange")
        and text
    ):
        return (
            f"paddle.{call.api.partition('.')[2]}({', '.join(text)})",
            "Paddle's own function takes a tensor; NumPy's does not",
        )
    return None


def _in_parentheses(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, ast.Name | ast.Constant | ast.Attribute | ast.Subscript | ast.Call) else f"({text})"


register(Rule("ST601", "Python needs a number, and the dim is a tensor", "error", refused))
register(Rule("ST602", "Python takes a dim that is a tensor for something else", "warning", misjudged))
