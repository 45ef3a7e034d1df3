"""ST7xx: shapes that do not fit, with no leak involved: which dim clashes with which, and where each came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from shapetrace.capture.source import dim_tensors
from shapetrace.facts import op_arguments, ops
from shapetrace.facts.axes import ONE_MORE
from shapetrace.plugin import Rule
from shapetrace.rules import (
    axis_sizes,
    constraints,
    fixes,
    given_inputs,
    grown_lists,
    kinds,
    mixed_indices,
    optional_inputs,
    paddle_decisions,
    paddle_words,
    unchecked,
)
from shapetrace.rules.constraints import Clash, Side
from shapetrace.rules.diagnosis import Diagnosis
from shapetrace.rules.registry import register
from shapetrace.said import joined, said
from shapetrace.trace import (
    Arithmetic,
    Comparison,
    Conversion,
    FailedCall,
    Failure,
    Finding,
    Fix,
    Given,
    Loop,
    OpArgument,
    Said,
    Sentence,
    Sink,
    Site,
    Step,
    Tensor,
    Trace,
    Truth,
    Use,
)

if TYPE_CHECKING:
    from shapetrace.graph import WhyStep

_ABOUT_SHAPES = re.compile(
    r"\b(shapes?|dims?|dimensions?|ranks?|axis|axes|width|height|channels?|\d-D)\b", re.IGNORECASE
)
_DECIDES = (Loop, Truth, Comparison, Arithmetic)
"""Uses of a leaked dim after which Python may have gone another way than it should."""
_REWRITTEN = "to_static_tmp"
"""Directory of what dy2static writes."""
_MADE_AT = {"": "made at {}: {}", "constant": "turned constant at {}: {}", "dynamic": "turned dynamic at {}: {}"}
_MADE_BY_PADDLE = {
    "": "made by Paddle itself",
    "constant": "turned constant by Paddle itself",
    "dynamic": "turned dynamic by Paddle itself",
}
"""What was done to a dim, by `WhyStep.turned`."""
_MOST_CODE = 60
_LENGTHS = re.compile(
    r"The size of SequenceLength has to equal the batch_size(?:\. But received batch_size is (-?\d+))?"
)
"""What RnnInferMeta in multiary.cc says."""


def operands(trace: Trace) -> Iterator[Finding]:
    """ST701: the shapes of the operands do not fit."""
    yield from _found(trace, "ST701")
    yield from unchecked.findings(trace, "ST701")


def axes(trace: Trace) -> Iterator[Finding]:
    """ST702: an axis or an index is out of range."""
    yield from _found(trace, "ST702")
    yield from unchecked.findings(trace, "ST702")


def wrong_kinds(trace: Trace) -> Iterator[Finding]:
    """ST703: an argument is of the wrong kind."""
    yield from _found(trace, "ST703")
    yield from unchecked.findings(trace, "ST703")


def _found(trace: Trace, rule: str) -> Iterator[Finding]:
    leaked = {use.raised for use in trace.uses if isinstance(use, OpArgument)}
    decided = {use.conversion for use in trace.uses if isinstance(use, _DECIDES) and not _is_paddles(use)}
    leaked |= {evidence.use.conversion for evidence in paddle_decisions.raised(trace)}
    leaked |= {finding.conversion for finding in optional_inputs.left_out(trace)}
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        if failure is None or failure.call is None or failure.call.site < 0 or index in leaked:
            continue
        if failure.placeholder is not None or grown_lists.gets_an_array(conversion, failure.call):
            continue  # it is no argument of the user's, or has no shape
        if mixed_indices.misled(conversion, failure.call):
            continue  # ST504 tells where Paddle's shape stopped being the tensor's
        if axis_sizes.unknown(trace, failure) is not None or given_inputs.gets_the_impossible(
            trace, index, failure.call
        ):
            continue
        diagnosis = _diagnose(conversion, failure, failure.call)
        if diagnosis is not None and index in decided and not _is_of_dims(diagnosis):
            continue  # it may come of the way that was taken
        if diagnosis is not None and diagnosis.rule == rule:
            finding = _finding(trace, index, failure.call, diagnosis)
            if finding is not None:
                yield finding


def _is_of_dims(diagnosis: Diagnosis) -> bool:
    """Whether it is of dims that rewritten code holds as tensors, whichever way was taken elsewhere."""
    return diagnosis.rule == "ST703" and any(tensor.reads for tensor in diagnosis.operands)


def _diagnose(conversion: Conversion, failure: Failure, call: FailedCall) -> Diagnosis | None:
    if call.by == "python":
        return _repeated(call)
    return (
        kinds.wrong_kind(conversion, failure, call)
        or _bound(conversion, call)
        or _axis(conversion, call)
        or _clash(conversion, call)
        or _lengths(conversion, failure, call)
        or _refused(failure, call, conversion)
        or kinds.dim_for_number(failure, call)
    )


# ST703


def _repeated(call: FailedCall) -> Diagnosis | None:
    """A list or text is repeated by a tensor, which Paddle takes for a product."""
    tensor = next((argument for argument in call.arguments if argument.reads), call.needed)
    if call.api != "*" or tensor is None:
        return None
    name = tensor.code or said("the other factor")
    what = said("text" if any(argument.type in ("str", "bytes") for argument in call.arguments) else "a list")
    return Diagnosis(
        "ST703",
        said(
            "{} cannot be repeated {} times: {} is a tensor here, so Paddle takes the * for a product of numbers",
            what,
            name,
            name,
        ),
        (tensor,),
        hint=said(
            "as a tensor it can be repeated: paddle.to_tensor(...).tile([{}, ...]), or paddle.full([{}], ...)",
            name,
            name,
        ),
    )


# ST702


def _axis(conversion: Conversion, call: FailedCall) -> Diagnosis | None:
    tensor = _first_tensor(call)
    if tensor is None:
        return None
    if call.api == "[]":
        return _index(conversion, call, tensor)
    if call.api.startswith("reshape"):
        return _copied(conversion, call, tensor)
    rank = len(tensor.shape) + (call.api.rpartition(".")[2] in ONE_MORE)
    for argument in call.arguments:
        if argument.name not in op_arguments.AXES:
            continue
        for item in (argument, *argument.items):
            if item.type == "int" and not -rank <= int(item.text) < rank:
                what = _shaped(conversion, tensor, said("its operand"))
                what = said("its result of {}", what) if rank > len(tensor.shape) else what
                message = said("{} got {} = {}, and {} has {}", call.api, argument.name, item.text, what, _axes(rank))
                return Diagnosis("ST702", message, (tensor,), argument=argument.name, says=_within(rank))
    return None


def _within(rank: int) -> Said | None:
    """Which axes there are to take."""
    if rank == 1:
        return said("take axis 0")
    return said("take an axis from 0 to {}, or one from the end, -1 to {}", rank - 1, -rank) if rank else None


def _axes(rank: int) -> Said:
    if rank > 1:
        return said("{} axes, 0 to {}", rank, rank - 1)
    return said("one axis, 0" if rank else "no axes")


def _shaped(conversion: Conversion, tensor: Given, fallback: Sentence) -> Said:
    """A tensor's name with its shape."""
    return said("{} {}", constraints.named(tensor, fallback), shape_text(conversion, tensor))


def _copied(conversion: Conversion, call: FailedCall, tensor: Given) -> Diagnosis | None:
    """A 0 in the shape of a reshape copies the axis at its place, which there must be."""
    for argument in call.arguments:
        for position, item in enumerate(argument.items if argument.name == "shape" else ()):
            if item.type == "int" and int(item.text) == 0 and position >= len(tensor.shape):
                name = _shaped(conversion, tensor, said("its operand"))
                message = said(
                    "{} got shape[{}] = 0, which copies axis {}, and {} has none", call.api, position, position, name
                )
                return Diagnosis("ST702", message, (tensor,), argument=argument.name)
    return None


def _index(conversion: Conversion, call: FailedCall, tensor: Given) -> Diagnosis | None:
    index = call.arguments[1] if len(call.arguments) > 1 else None
    if index is None:
        return None
    items = index.items if index.type == "tuple" else (index,)
    taken = [item for item in items if item.type not in ("NoneType", "ellipsis", "bool")]
    if len(taken) > len(tensor.shape) and all(item.type in ("int", "slice") for item in taken):
        shape = shape_text(conversion, tensor)
        message = said("{} is indexed with {} indices, and has {} axes", shape, len(taken), len(tensor.shape))
        return Diagnosis("ST702", message, (tensor,))
    if len(taken) != len(items) or any(item.type not in ("int", "slice") for item in items):
        return None
    for axis, item in enumerate(items):
        size = tensor.shape[axis]
        if item.type == "int" and size >= 0 and not -size <= int(item.text) < size:
            side = Side(tensor, axis, constraints.named(tensor, said("the tensor")))
            name = _shaped(conversion, tensor, said("the tensor"))
            message = said("index {} is out of range: axis {} of {} is {}", item.text, axis, name, size)
            return Diagnosis("ST702", message, (tensor,), (side,))
    return None


def _bound(conversion: Conversion, call: FailedCall) -> Diagnosis | None:
    """The bound of a slice is a tensor that does not hold one number."""
    sliced, bound = _first_tensor(call), call.operands[0] if call.operands else None
    if call.api != "[]" or call.op != "reshape" or sliced is None or bound is None or bound.type != "Tensor":
        return None
    if bound.value == sliced.value or prod(bound.shape) in (1, -1):
        return None
    message = said(
        "{} is sliced with a tensor {}, where a bound holds one number",
        _shaped(conversion, sliced, said("the tensor")),
        shape_text(conversion, bound),
    )
    return Diagnosis("ST703", message, (sliced, bound))


def _first_tensor(call: FailedCall) -> Given | None:
    """What the function works on: the first tensor that the user gave it, not one that it made on the way."""
    for argument in (*call.arguments, *call.operands):
        for tensor in (argument, *argument.items):
            if tensor.type == "Tensor":
                return tensor
    return None


# ST701


def _clash(conversion: Conversion, call: FailedCall) -> Diagnosis | None:
    clash: Clash | None = constraints.clash(call, partial(shape_text, conversion))
    if clash is None:
        return None
    return Diagnosis(clash.rule, clash.said, clash.operands, clash.sides, clash.replacement, says=clash.says)


def _lengths(conversion: Conversion, failure: Failure, call: FailedCall) -> Diagnosis | None:
    """A recurrent layer wants one length for each of the batch, in dygraph as well."""
    tensors = [argument for argument in call.arguments if argument.type == "Tensor"]
    told = _LENGTHS.search(failure.message)
    if told is None or len(tensors) < 2:
        return None
    message = said(
        "{} wants one length for each of the batch of {}, and the lengths are {}",
        call.api,
        _shaped(conversion, tensors[0], said("its input")),
        _shaped(conversion, tensors[-1], said("a tensor")),
    )
    fits_a_batch = told[1] == "-1" and len(tensors[-1].shape) == 1
    hint = said(
        "give as many as the batch has: paddle.full([batch], length)"
        if fits_a_batch
        else "dygraph refuses it alike; give it an axis, one place for each of the batch: paddle.full([batch], length)"
    )
    return Diagnosis("ST701", message, (tensors[0], tensors[-1]), argument="sequence_length", hint=hint)


def _refused(failure: Failure, call: FailedCall, conversion: Conversion) -> Diagnosis | None:
    """Paddle refused the shapes for a reason that no check of ours knows: its own words, beside the shapes."""
    if failure.type not in ("ValueError", "AssertionError", "IndexError"):
        return None
    words = paddle_words.sentence(failure.message)
    operands = call.operands or call.arguments
    tensors = tuple(tensor for item in operands for tensor in (item, *item.items) if tensor.type == "Tensor")[:4]
    if not tensors or not words or not _ABOUT_SHAPES.search(words):
        return None
    shapes = joined("{} and {}", [shape_text(conversion, tensor) for tensor in tensors])
    return Diagnosis("ST701", said("{} refused {}: {}", call.api, shapes, words), tensors)


# The finding.


def _finding(trace: Trace, index: int, call: FailedCall, diagnosis: Diagnosis) -> Finding | None:
    conversion = trace.conversions[index]
    site = trace.sites[call.site]
    ways = [way(trace, conversion, side) for side in diagnosis.sides]
    if any(_of_a_leak(trace, index, way) for way in ways):
        return None
    if not ways:
        ways = [_made(trace, conversion, operand) for operand in diagnosis.operands]
    chain = list(dict.fromkeys(step for way in ways for step in way.steps))
    shapes = [shape_text(conversion, operand) for operand in diagnosis.operands]
    held = [dim_tensors.printed(conversion, operand.value) for operand in diagnosis.operands if operand.reads]
    sites = [way.site for way in ways if way.site is not None]
    source = next(
        (made for made in sites if (made.file, made.line) != (site.file, site.line)), sites[0] if sites else None
    )
    fix = (
        Fix(
            said("the same operand, its last two axes swapped"),
            "maybe",
            (fixes.replacing(site, diagnosis.replacement),),
        )
        if diagnosis.replacement
        else Fix(diagnosis.says)
        if diagnosis.says is not None
        else None
    )
    notes = [way.said for way in ways if way.said is not None]
    return Finding(
        rule=diagnosis.rule,
        severity="error",
        said=diagnosis.said,
        expression=" ".join(site.code.split()),
        symbolic=" and ".join(dict.fromkeys(held or shapes)),
        source=source or site,
        sink=Sink.at(site, call.api.rpartition(".")[2] or call.op, diagnosis.argument),
        chain=tuple(chain),
        fix=fix,
        conversion=index,
        layers=(call.layer,),
        remarks=(*dict.fromkeys(notes), *((diagnosis.hint,) if diagnosis.hint is not None else ())),
    )


class _Way(NamedTuple):
    """How a dim came: steps from where it was made to the operand, that place, and a sentence about it."""

    steps: tuple[Step, ...] = ()
    site: Site | None = None
    said: Said | None = None
    values: tuple[int, ...] = ()


def shape_text(conversion: Conversion, operand: Given) -> str:
    """A tensor's shape as people read it: `[B, 8, 64]`."""
    if operand.value < 0:
        return f"[{', '.join('?' if size < 0 else str(size) for size in operand.shape)}]"
    tensor = Tensor(conversion, operand.value)
    symbolic = tensor.symbolic
    if symbolic is None or len(symbolic) != len(tensor.shape):
        symbolic = tuple("?" if size < 0 else str(size) for size in tensor.shape)
    return f"[{', '.join(symbolic)}]"


def way(trace: Trace, conversion: Conversion, side: Side) -> _Way:
    """The way of one dim of an operand, from the op that introduced it."""
    if side.operand.value < 0:
        return _Way()
    from shapetrace import graph

    tensor = Tensor(conversion, side.operand.value)
    steps = graph.why(trace, tensor, side.axis)
    path = [steps[0]]
    while len(path[-1].via) == 1 and not path[-1].turned and not path[-1].held:
        path.append(steps[path[-1].via[0]])
    made = path[-1]
    path = [step for step in path if step.op not in ops.GIVEN] if made.op in ops.GIVEN else path
    site = next((step.site for step in reversed(path) if step.site is not None), None)
    shape = shape_text(conversion, side.operand)
    origin = _origin(made, site)
    name = _called(side.name, side.operand)
    sentence = said("{} is {}; its axis {} is {}: {}", name, shape, side.axis, side.size, origin)
    chain: dict[int, Step] = {}
    for step in reversed(path):
        if step.site is not None:
            shown = shape_text(conversion, Given("Tensor", value=step.tensor.index))
            chain[step.site.line] = Step(" ".join(step.site.code.split()), side.size, shown, step.site)
    return _Way(tuple(chain.values()), site, sentence, tuple(step.tensor.index for step in path))


def _called(name: Sentence, operand: Given) -> Sentence:
    """A name together with the expression it stands for."""
    code = " ".join(operand.code.split())
    return name if not code or code in str(name) or len(code) > _MOST_CODE else said("{}, {},", name, code)


def _origin(made: WhyStep, site: Site | None) -> Said:
    if made.origin == "input":
        return said(
            "axis {} of the input {}, fixed by the input spec"
            if made.symbolic.isdigit()
            else "axis {} of the input {}",
            made.axis,
            made.tensor.name,
        )
    if made.origin == "parameter":
        return said("the shape of the weight {}", made.tensor.name)
    if site is None:
        return said(_MADE_BY_PADDLE[made.turned])
    return said(_MADE_AT[made.turned], _place(site), " ".join(site.code.split()))


def _place(site: Site) -> str:
    return f"{site.file.replace(chr(92), '/').rpartition('/')[2]}:{site.line}"


def _made(trace: Trace, conversion: Conversion, operand: Given) -> _Way:
    """Where an operand as a whole was made, for clashes that are not of single dims."""
    if operand.value < 0:
        return _Way()
    tensor = Tensor(conversion, operand.value)
    site = tensor.site if tensor.op not in ops.GIVEN else None
    shape = shape_text(conversion, operand)
    name = _called(constraints.named(operand, said("the operand")), operand)
    if operand.reads:
        read = trace.sites[operand.reads[0]]
        step = Step(" ".join(read.code.split()), -1, dim_tensors.printed(conversion, operand.value), read)
        return _Way((step,), read, values=(operand.value,))
    if site is None:
        return _Way(said=said("{} is {}", name, shape))
    if _REWRITTEN in site.file:  # no line of the user's: the counter of a loop, say
        return _Way(said=said("{} is a tensor, made by a loop or branch that Paddle converted", name))
    step = Step(" ".join(site.code.split()), 0, shape, site)
    return _Way((step,), site, said("{} is {}, made at {}", name, shape, _place(site)), (operand.value,))


def _is_paddles(use: Use) -> bool:
    return isinstance(use, Comparison | Truth) and use.context == "paddle"


def _of_a_leak(trace: Trace, index: int, way: _Way) -> bool:
    """Whether a leaked dim reached an op at one of the lines that made the dim: then the leak is what to report."""
    lines = {(use_site.file, use_site.line) for use_site in _leaks(trace, index)}
    return any(step.site is not None and (step.site.file, step.site.line) in lines for step in way.steps)


def _leaks(trace: Trace, index: int) -> Iterator[Site]:
    for use in trace.uses:
        if isinstance(use, OpArgument) and use.conversion == index and use.site >= 0:
            yield trace.sites[use.site]


register(Rule("ST701", "the shapes of the operands do not fit", "error", operands))
register(Rule("ST702", "an axis or index is out of range", "error", axes))
register(Rule("ST703", "an argument is of the wrong kind", "error", wrong_kinds))
