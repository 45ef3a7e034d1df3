"""Damages traces, and does with a loaded trace all that a reader can do with it."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from example_traces import healthy_trace, leaky_trace
from shapetrace import Trace, diff, graph, reports
from shapetrace.errors import ShapetraceError
from shapetrace.rules import registry
from shapetrace.trace import (
    Applied,
    Asked,
    DimRecord,
    DimRef,
    FailedCall,
    Failure,
    Given,
    Input,
    Parameter,
    Request,
    Symbol,
    TensorUse,
    Verified,
)
from shapetrace.trace.file import FORMAT_VERSION
from shapetrace.trace.redaction import redacted
from uses import use_of

MAGIC = b"shapetrace\x00"
DRAWN = ("svg", "png", "pdf")
FORMATS = tuple(each.name for each in reports.formats() if not each.plugin and each.name not in DRAWN)
"""All reports but those that run Graphviz."""
NUMBERS = (-(2**63), -1000, -2, -1, 0, 1, 2, 3, 7, 8, 1000, 2**31, 2**63 - 1, 2**64 - 1)
TEXTS = (
    "",
    "S0",
    "Div(S0, 0)",
    "Pow(2, 9999)",
    "Add(",
    "Mul()",
    "read",
    "*",
    "\x00",
    "-1",
    "9" * 5000,
    "(" * 999,
)
KINDS = ("op", "compare", "truth", "range", "operand", "subscript", "hash", "text", "stored", "float", "int", "python")


def full_trace() -> Trace:
    """A trace with something in every table."""
    trace = leaky_trace()
    (conversion,) = trace.conversions
    conversion.symbols.append(Symbol("S9", "u0", op=2))
    conversion.inputs[0] = msgspec.structs.replace(conversion.inputs[0], site=0, claims=("B", "3", "H", "-1"))
    conversion.inputs.append(Input("mask", (-1, 400), "bool"))
    held = next(index for index, value in enumerate(conversion.values) if value.data)
    given = Given("Tensor", "x", code="x", shape=(-1,), value=held, reads=(0,))
    call = FailedCall("paddle", "reshape", 1, "pd_op.reshape", (given, Given("list", items=(given,))), (given,))
    failure = conversion.failure
    assert failure is not None
    conversion.failure = Failure(failure.type, failure.message, failure.stack, call)
    spec = Asked("inputs", "['image']", name="image", shape=(-1, 3, 640, 640), dtype="float32", site=0)
    declared = (Asked("inputs", kind="dict"), spec)
    refused = Failure("ValueError", "conflict", (1,))
    asked: dict[str, Any] = {
        "parameters": (Parameter("inputs"),),
        "declared": declared,
        "given": (spec,),
        "saves": True,
    }
    built: dict[str, Any] = {"conversion": 0, "cached": True, "called": 1, "failure": refused, "unsaved": refused}
    trace.requests.append(Request("f", 0, 1, **asked, **built))
    trace.tensor_uses.append(TensorUse("lookup", 0, 1, given, "1, 2"))
    trace.add(healthy_trace(1).conversions[0])
    other = trace.conversions[1]
    for op in other.ops:
        op.stack = op.stack and (0,)
    held = next(index for index, value in enumerate(other.values) if value.data and len(value.data) == 1)
    number = Given("Tensor", "a", code="n", value=held, reads=(0,))
    call = FailedCall("python", "max", 1, arguments=(number, Given("int", text="2")))
    other.failure = Failure("TypeError", "a tensor", (1,), call)
    misfits = FailedCall(
        "paddle",
        "concat",
        1,
        "pd_op.concat",
        (Given("list", items=(given, given)),),
        (given, Given("Tensor", shape=(2, 3), value=1)),
    )
    trace.add(healthy_trace(1).conversions[0])
    for op in trace.conversions[2].ops:
        op.stack = op.stack and (0,)
    trace.conversions[2].failure = Failure("ValueError", "they do not fit", (1,), misfits)
    trace.uses += [
        use_of(
            "compare",
            0,
            conversion=0,
            site=1,
            op="<",
            other=1,
            arguments=("-8",),
            result="True",
            context="branch",
            stack=(0, 1),
        ),
        use_of("compare", 1, conversion=0, site=1, op=">=", arguments=("2",), result="False", context="loop"),
        use_of("truth", 0, conversion=0, site=1, result="True", context="assert"),
        use_of("range", 0, conversion=0, site=1, result="0"),
        use_of("operand", 1, conversion=0, site=1, op="*", arguments=("list",), result="[]"),
        use_of("operand", 1, conversion=0, site=1, op="/", arguments=("2",), result="-4.0"),
        use_of("subscript", 1, conversion=0, site=1, arguments=("list",)),
        use_of("hash", 1, conversion=0, site=1),
        use_of("text", 1, conversion=0, site=1, context="message"),
        use_of("stored", 0, conversion=0, site=1, op="Detector.batch"),
        use_of(
            "op",
            1,
            conversion=0,
            site=1,
            op="zeros",
            argument="shape",
            index=0,
            expression="n",
            arguments=("-8", "2"),
            written=("n", "2"),
            list_code="[n, 2]",
        ),
        use_of(
            "op",
            0,
            conversion=1,
            site=1,
            op="expand",
            argument="shape",
            index=0,
            expression="n",
            arguments=("-1", "2"),
            operand=(-1, 2),
            healed=False,
        ),
    ]
    trace.dims.append(DimRecord(1, "*", (DimRef(0), DimRef(0)), site=1))
    trace.uses.append(
        use_of(
            "op",
            len(trace.dims) - 1,
            conversion=0,
            site=1,
            op="reshape",
            argument="shape",
            index=0,
            expression="b * b",
            arguments=("1", "-1"),
        )
    )
    trace.remedies.append(Applied("callables", ("convert_call",)))
    trace.verified.append(Verified("Detector", "out/model", False, ("differs", "by 1")))
    trace.notes.append("a note")
    return trace


def bases() -> list[Trace]:
    """The traces that are damaged."""
    return [full_trace(), healthy_trace(2)]


def packed(tree: Any, version: int = FORMAT_VERSION) -> bytes:
    """The file of a trace given as plain lists and dicts."""
    return MAGIC + zlib.compress(msgspec.msgpack.encode((version, tree)), 1)


def damaged(chance: random.Random) -> bytes:
    """The file of a trace with one to three things wrong, in its bytes or in what it says."""
    tree = msgspec.msgpack.decode(msgspec.msgpack.encode(chance.choice(bases())))
    how = chance.random()
    if how < 0.15:
        return flipped(packed(tree), chance)
    if how < 0.4:
        inner = flipped(zlib.decompress(packed(tree)[len(MAGIC) :]), chance)
        return MAGIC + zlib.compress(inner, 1)
    for _ in range(chance.randint(1, 3)):
        parent, key = chance.choice(list(_places(tree)))
        parent[key] = _other(parent[key], chance)
    return packed(tree)


def each_change() -> Iterator[bytes]:
    """The files of the full trace with one thing in it changed, and that to each of some others, one after the other."""
    tree = msgspec.msgpack.decode(msgspec.msgpack.encode(full_trace()))
    for parent, key in list(_places(tree)):
        was = parent[key]
        for other in _others(was):
            parent[key] = other
            yield packed(tree)
        parent[key] = was


def _others(value: Any) -> Iterable[Any]:
    """What a value is changed to, mostly of the same kind."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return NUMBERS
    if isinstance(value, str):
        return (*TEXTS, *KINDS)
    if isinstance(value, list):
        return (value[1:], value[:-1], value * 2, value[::-1], [])
    if isinstance(value, dict):
        return [{key: item for key, item in value.items() if key != gone} for gone in value]
    return (0, -1, "", [])


def flipped(content: bytes, chance: random.Random) -> bytes:
    """Bytes with some of them changed, left out or put in, or cut short."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed)) if changed else 0
        how = chance.randrange(4)
        if how == 0 and changed:
            changed[place] ^= 1 << chance.randrange(8)
        elif how == 1:
            del changed[place : place + chance.randint(1, 8)]
        elif how == 2:
            changed[place:place] = chance.randbytes(chance.randint(1, 8))
        else:
            del changed[place + 1 :]
    return bytes(changed)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Everything in a tree, as what holds it and where."""
    for key in range(len(tree)) if isinstance(tree, list) else tree:
        yield tree, key
        if isinstance(tree[key], list | dict):
            yield from _places(tree[key])


def _other(value: Any, chance: random.Random) -> Any:
    """Something else in the place of a value, mostly of the same kind."""
    if isinstance(value, bool) or chance.random() < 0.05:
        return chance.choice((None, True, [], {}, 0, "", [[[]]], {"a": 1}, 1.5, float("nan")))
    if isinstance(value, int):
        return chance.choice((*NUMBERS, max(value - 1, NUMBERS[0]), min(value + 1, NUMBERS[-1])))
    if isinstance(value, str):
        return chance.choice((*TEXTS, value * 2, value[1:]))
    if isinstance(value, list):
        return chance.choice((value[1:], value[:-1], value * 2, value[::-1], []))
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if chance.random() < 0.8}
    return chance.choice((None, 0, ""))


def use(trace: Trace) -> None:
    """Do all that can be done with a trace.

    Raises:
        AssertionError: What is said of it is more than a sentence.
        Exception: Anything that is no `ShapetraceError`.
    """
    steps: list[Callable[[], Any]] = [lambda name=name: reports.render(trace, name) for name in FORMATS]  # type: ignore[misc]
    steps += [lambda: graph.build(trace), lambda: redacted(trace, "/"), lambda: diff.text(diff.diff(trace, trace))]
    steps += [lambda: trace._repr_mimebundle_(), lambda: repr(trace)]
    for conversion in trace.conversions:
        for tensor in conversion.tensors:
            steps.append(lambda tensor=tensor: (repr(tensor), tensor.data, tensor.site, tensor.layer))
            steps += [lambda tensor=tensor, axis=axis: graph.why(trace, tensor, axis) for axis in (0, -1)]  # type: ignore[misc]
    for step in steps:
        try:
            step()
        except ShapetraceError as error:
            assert "\n" not in str(error)
    judge(trace)


def judge(trace: Trace) -> None:
    """Ask every rule for its findings.

    Raises:
        AssertionError: A rule failed, which leaves a note.
    """
    known = len(trace.notes)
    registry.check(trace)
    assert trace.notes[known:] == []
