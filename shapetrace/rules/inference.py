"""ST504: Paddle's own inference lost an unknown dim, and what follows takes the number for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from shapetrace import symbolic
from shapetrace.claims import Claim
from shapetrace.facts import ops
from shapetrace.plugin import Rule
from shapetrace.rules import baked, claimed, mixed_indices
from shapetrace.rules.losses import Loss, losses
from shapetrace.rules.registry import register
from shapetrace.said import joined, said
from shapetrace.trace import Conversion, Finding, Op, Root, Said, Sink, Tensor, Trace


def lost_dims(trace: Trace) -> Iterator[Finding]:
    """ST504: an op's result has a number where the symbolic shape has an unknown dim; a note where nothing uses it."""
    for number, conversion in enumerate(trace.conversions):
        named = claimed.claims(conversion)
        for loss in losses(conversion):
            if conversion.ops[loss.op].stack:
                yield _finding(trace, number, loss, _taken(trace, conversion, loss, named))
        yield from _own(trace, number, named)
    yield from mixed_indices.found(trace)


def _own(trace: Trace, number: int, named: Mapping[str, Claim]) -> Iterator[Finding]:
    """Functions of Paddle's that compute max(-1, 1) in Python, and expand an unknown dim to it."""
    conversion = trace.conversions[number]
    symbols = {symbol.key: symbol for symbol in conversion.symbols}
    told_of = set()
    for place, op in enumerate(conversion.ops):
        told = baked.fixed(conversion, op, named) if baked.own_expand(op) and op.stack else None
        if told is None or symbols[told.key].input is None or (told.key, op.stack) in told_of:
            continue
        told_of.add((told.key, op.stack))
        symbol = symbols[told.key]
        sentence = said("{} loses {}: {}", op.api, symbol.name, told.said)
        yield baked.finding(trace, number, place, symbol, sentence, "ST504", "error")


def _finding(trace: Trace, number: int, loss: Loss, taken: int | None) -> Finding:
    conversion = trace.conversions[number]
    op = conversion.ops[loss.op]
    meant = symbolic.text(loss.expression, conversion.names)
    keys = symbolic.symbols(loss.expression)
    source = trace.sites[op.stack[-1]]
    user = op if taken is None else conversion.ops[taken]
    site = trace.sites[user.stack[-1]]
    return Finding(
        rule="ST504",
        severity="note" if taken is None else "error",
        said=_lost(conversion, op, loss, meant),
        python_value=loss.number,
        expression=site.code,
        symbolic=meant,
        source=source,
        sink=Sink.at(site, baked.function_of(user)),
        roots=tuple(Root(item.input, item.axis, item.name) for item in conversion.symbols if item.key in keys),
        conversion=number,
        layers=(op.layer,),
        ops=(loss.op,) if taken is None else (loss.op, taken),
        remarks=(
            said("nothing in the program takes the number, and the export is right")
            if taken is None
            else said("take the size from a tensor that still has it, one whose shape has {}", meant),
        ),
    )


def _lost(conversion: Conversion, op: Op, loss: Loss, meant: str) -> Said:
    shapes = [f"[{', '.join(Tensor(conversion, value).symbolic or ('?',))}]" for value in op.inputs if value >= 0]
    return said(
        "{} of {} loses {}: Paddle infers that axis {} of the result is {}",
        baked.function_of(op),
        joined("{} and {}", shapes) if shapes else "",
        meant,
        loss.axis,
        loss.number,
    )


def _taken(trace: Trace, conversion: Conversion, loss: Loss, named: Mapping[str, Claim]) -> int | None:
    """The first op after a loss that was given the number in place of the dim; None where there is none."""
    after = {loss.value}
    for place in range(loss.op + 1, len(conversion.ops)):
        op = conversion.ops[place]
        follows = not after.isdisjoint(op.inputs)
        if follows:
            after.update(op.outputs)
        if not op.stack:
            continue
        if not follows:
            continue
        if ops.bare(op.name) in ops.TAKING_A_SHAPE:
            if _given(trace, conversion, op, loss.number):
                return place
            if _has_room(conversion, op):  # what Paddle infers of the result then holds at one size, and the op at all
                continue
        told = baked.fixed(conversion, op, named)
        if told is not None and told.severity != "note" and told.key in symbolic.symbols(loss.expression):
            return place
    return None


def _has_room(conversion: Conversion, op: Op) -> bool:
    """Whether a shape leaves an axis to be inferred, or as it is, so that it goes with any size."""
    data = conversion.values[op.inputs[1]].data if len(op.inputs) > 1 and op.inputs[1] >= 0 else None
    return any(conversion.expressions[dim] in ("-1", "0") for dim in data or ())


def _given(trace: Trace, conversion: Conversion, op: Op, number: int) -> bool:
    """Whether a shape has the number, and the user's code for it does not write it as a number."""
    data = conversion.values[op.inputs[1]].data if len(op.inputs) > 1 and op.inputs[1] >= 0 else None
    places = [place for place, dim in enumerate(data or ()) if conversion.expressions[dim] == str(number)]
    written = _written(trace.sites[op.stack[-1]].code, baked.function_of(op))
    return any(place >= len(written) or not isinstance(written[place], ast.Constant) for place in places)


def _written(code: str, function: str) -> list[ast.expr]:
    """The elements of the shape in a line that calls a function; empty where they do not stand there."""
    try:
        tree = ast.parse(code.strip())
    except SyntaxError:
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2].rstrip("_") == function:
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            listed = next((item for item in arguments if isinstance(item, ast.List | ast.Tuple)), None)
            return listed.elts if listed is not None else []
    return []


register(Rule("ST504", "Paddle's own inference lost an unknown dim", "error", lost_dims))
