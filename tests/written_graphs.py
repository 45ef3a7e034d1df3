"""Graphs of programs written by hand, whole, and where each of their dims comes from: files that a reviewer can read, in `graphs/`.

    python tests/written_graphs.py                 # writes the files again: look at what `git diff` shows

A file has the nodes and edges of the graph with all that they hold, the same joined by layer, and a line for each dim of each tensor:
`t3[1] 8 <- t2[1]` for an axis, `t3(1)` for a number that the tensor holds. Nothing here needs Paddle.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from example_traces import Program, leaky_trace
from shapetrace import Trace, graph
from shapetrace.graph import WhyStep
from shapetrace.graph.operands import Slot
from shapetrace.graph.why import chain
from shapetrace.trace import Conversion, DimRecord, DimRef, Input, Op, Root, Site, Symbol, Value
from uses import use_of

if TYPE_CHECKING:
    import networkx

GOLDEN = Path(__file__).resolve().parent / "graphs"


def leaky() -> Trace:
    """A detector, of which a partial reads the batch."""
    return leaky_trace()


def blocks() -> Trace:
    """An `if` and a `while`, one in the other."""
    program = Program(Trace())
    x, y = program.input("x", "S0; 8"), program.input("y", "S1; 8")
    program.layer = "/Net/Body/"
    condition = program.op("pd_op.any", (x,), "")
    choice = len(program.conversion.ops)
    chosen = program.op("pd_op.if", (condition,), "S2; 8", "8")
    program.conversion.symbols.append(Symbol("S2", "u0", op=choice))
    for block, (name, of) in enumerate((("pd_op.relu", x), ("pd_op.tanh", y))):
        program.parent, program.block = choice, block
        program.op("cf.yield", (program.op(name, (of,), f"S{block}; 8"), program.op("pd_op.full", (), "8")))
    program.parent, program.block = -1, 0
    loop = len(program.conversion.ops)
    turned = program.op("pd_op.while", (condition, chosen, x), "S2; 8", "S0; 8", "S3")
    carried, also, beyond = (program.value(loop, dims) for dims in ("S2; 8", "S0; 8", "S3"))
    program.parent = loop
    inner = program.op("pd_op.add", (carried, also), "S2; 8")
    program.op("cf.yield", (condition, inner, program.op("pd_op.scale", (also,), "S0; 8")))
    program.parent = -1
    program.layer = "/Net/Head/"
    program.op("pd_op.concat", (turned, turned, beyond), "Mul(S2, 2); 8")
    return program.trace


def shapes() -> Trace:
    """Numbers that tensors hold: shapes, slices of them, what is computed of them, and reshapes to them."""
    program = Program(Trace())
    x = program.input("x", "S0; S1; 8")
    batch, width = program.read(x, "S0; S1; 8", 0, "S0"), program.read(x, "S0; S1; 8", 1, "S1")
    whole = program.op("pd_op.shape64", (x,), "3", data="S0; S1; 8")
    tail = program.op("pd_op.slice", (whole, program.constant("1"), program.constant("3")), "2", data="S1; 8")
    program.op("pd_op.slice", (whole, program.constant("-2"), program.constant("3")), "2", data="S1; 8")
    program.op("pd_op.slice", (whole, program.constant("7"), program.constant("9")), "1", data="S9")
    area = program.op("pd_op.multiply", (batch, width), "", data="Mul(S0, S1)")
    eight = program.op("pd_op.full", (), "", data="8", attrs={"value": 8.0})
    stacked = program.stack([area, eight], "Mul(S0, S1); 8")
    program.op("pd_op.reshape", (x, stacked), "Mul(S0, S1); 8")
    program.op("pd_op.reshape", (x, program.constant("1; -1; 8")), "1; Mul(S0, S1); 8")
    program.op("pd_op.reshape", (x, program.constant("4; 2; -1")), "4; 2; Mul(S0, S1)")
    program.op("pd_op.tile", (x, tail), "Mul(S0, S1); Mul(S1, 8); 8")
    program.op("pd_op.full_with_tensor", (stacked, eight), "Mul(S0, S1); 8")
    program.op("pd_op.arange", (eight, area, eight), "Div(S0, 8)")
    program.op("pd_op.stack", (program.op("builtin.combine", (tail, whole), ""),), "2; 2", data="S1; S0")
    program.op("pd_op.cast", (whole,), "3", data="S0; S1; 9")
    return program.trace


def axes() -> Trace:
    """Ops whose axes are known exactly, and others."""
    program = Program(Trace())
    x, y = program.input("x", "S0; S1; 4"), program.input("y", "S2; 4; S3")
    table, ids = program.op("builtin.parameter", (), "30; 5", named="w"), program.input("ids", "S4; S5; 2")
    program.op("pd_op.matmul", (x, y), "Broadcast(S0, S2); S1; S3")
    program.op("pd_op.matmul", (x, program.op("builtin.parameter", (), "4; S1", named="v")), "S0; S1; S1")
    turned = {"transpose_x": True, "transpose_y": True}
    program.op("pd_op.matmul", (program.op("pd_op.a", (x,), "4; S1"), y), "S2; S1; 4", attrs=turned)
    program.op("pd_op.matmul", (x, program.op("pd_op.b", (y,), "4")), "S0; S1")
    program.op("pd_op.matmul", (program.op("pd_op.c", (y,), "4"), program.op("pd_op.d", (y,), "4")), "")
    program.op("pd_op.transpose", (x,), "4; S0; S1", attrs={"perm": [2, 0, 1]})
    program.op("pd_op.transpose", (x,), "4; S0; S1", attrs={"perm": [-1, 0, 1]})
    program.op("pd_op.transpose", (x,), "4; S0; S1", attrs={"perm": "2"})
    program.op("pd_op.embedding", (ids, table), "S4; S5; 2; 5")
    program.op("pd_op.gather_nd", (x, ids), "S4; S5; 4")
    program.op("pd_op.gather_nd", (x, program.op("pd_op.e", (ids,), "S4; S5")), "S4")
    program.op("pd_op.where", (ids, x, x), "S0; S1; 4")
    program.op("pd_op.nonzero", (x,), "S6; 3")
    program.conversion.symbols.append(Symbol("S6", "u0", op=len(program.conversion.ops) - 1))
    program.op("pd_op.flatten", (x,), "Mul(S0, S1, 4)")
    program.op(
        "pd_op.concat", (program.op("builtin.combine", (x, x, y), ""), program.constant("1")), "S0; Add(S1, S1); 4"
    )
    program.op("pd_op.mean", (x,), "S0; 1; 4")
    program.op("pd_op.mean", (x,), "S0; 4")
    program.op("pd_op.expand", (program.op("pd_op.full", (), "1; 4"), x), "S0; 4")
    program.op("pd_op.other", (x,), "S9; S1; 7")
    program.op("pd_op.other", (x, y), "Add(S0, S2); 4")
    program.op("pd_op.gaussian", (), "3; S8")
    pieces = program.op("pd_op.split", (x,), "")
    program.conversion.values[pieces].dtype = "vec[...]"
    program.op("builtin.split", (pieces,), "S0; 2; 4", "S0; Sub(S1, 2); 4")
    return program.trace


def without_symbols() -> Trace:
    """No symbolic shapes: the numbers that Paddle has."""
    ops = [
        Op("pd_op.data", (), (0,)),
        Op("pd_op.relu", (0,), (1,)),
        Op("pd_op.sum", (1, -1), (2,)),
        Op("pd_op.full", (), (3,)),
    ]
    shapes = ((-1, 8), (-1, 8), (8,), (-1, 2))
    values = [Value(place, "float32", shape, name="x" if place == 0 else "") for place, shape in enumerate(shapes)]
    return Trace(conversions=[Conversion("f", inputs=[Input("x", (-1, 8))], ops=ops, values=values)])


def uses() -> Trace:
    """Dims that Python read and computed, in two conversions, and what used them."""
    program = Program(trace := Trace(), "Net.forward")
    x = program.input("x", "S0; S1; 8")
    program.line = 30
    program.op("pd_op.reshape_", (x, program.constant("-8; 8")), "Mul(S0, S1); 8")
    program.line = 31
    program.op("pd_op.full", (), "1")
    program.op("pd_op.full", (), "1")
    other = Program(trace, "Other.forward")
    other.input("x", "S0; 4")

    def site(line: int, code: str, end: int = 0) -> int:
        return program.site(Site("/home/ann/detector/decoder.py", line, 4, end or line, 9, code, "forward"))

    trace.dims += [
        DimRecord(-1, "read", (), 0, x, 0, site(20, "x.shape"), name="n"),
        DimRecord(-1, "read", (), 0, x, 1, site(20, "x.shape")),
        DimRecord(-8, "*", (DimRef(0), 8), site=site(21, "n * 8"), name="m"),
        DimRecord(8, "*", (DimRef(2), DimRef(1)), site=site(22, "m * k")),
        DimRecord(1, "abs", (DimRef(0),)),
        DimRecord(-2, "max", (DimRef(0), DimRef(1), -2)),
        DimRecord(-1, "read", (), 1, 0, 0, -1, internal=True),
        DimRecord(-1, "read", (), -1, -1, 0, site(23, "")),
        DimRecord(-1, "+", (DimRef(0), 0)),
        DimRecord(0, "+", (DimRef(0), DimRef(0)), site=site(24, "n + n")),
    ]
    at = {"conversion": 0, "site": site(30, "x.reshape_(n)", 31)}
    listed = {"op": "reshape_", "argument": "shape", "index": 0, "layer": "/Net/"}
    trace.uses += [
        use_of("op", 2, **at, **listed),
        use_of("op", 2, **at, **listed, raised=0),
        use_of("op", 3, **{**at, "site": site(31, "full()")}, op="full", argument="shape"),
        use_of("op", 4, conversion=-1, site=-1, op="__add__"),
        use_of("op", 4, **{**at, "conversion": 2}, **listed),
        use_of("compare", 0, **at, op="<", other=1),
        use_of("compare", 0, **at, op="<", arguments=("3",)),
        use_of("range", 5, **at, op="range"),
        use_of("op", 9, **{**at, "site": site(40, "x.reshape_(n)")}, **listed),
    ]
    (known,) = leaky_trace().findings
    told = {"uses": (0, 5), "ops": (1,), "roots": (Root("x", 0, "x[0]"), Root("x", 1, "x[1]"))}
    trace.findings = [
        msgspec.structs.replace(known, **told),
        msgspec.structs.replace(known, uses=(), ops=(1, 2), roots=(Root("x", 0, "x[0]"),)),
        msgspec.structs.replace(known, uses=(2, 7), sink=None),
        msgspec.structs.replace(known, uses=(), ops=(), sink=None, roots=(*told["roots"], Root(None, None, "u0"))),  # type: ignore[misc]
        msgspec.structs.replace(known, uses=(), ops=()),
        msgspec.structs.replace(known, uses=(), ops=(), chain=()),
    ]
    return trace


PROGRAMS: dict[str, Callable[[], Trace]] = {
    made.__name__: made for made in (leaky, blocks, shapes, axes, without_symbols, uses)
}


def _written(drawn: networkx.DiGraph[str]) -> list[str]:
    nodes = [f"{node}: {_attributes(data)}" for node, data in drawn.nodes(data=True)]
    return nodes + [f"{source} -> {end}: {_attributes(data)}" for source, end, data in drawn.edges(data=True)]


def _attributes(data: dict[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in data.items() if value != "")


def _slots(conversion: Conversion) -> list[Slot]:
    found = []
    for index, value in enumerate(conversion.values):
        found += [Slot(index, axis) for axis in range(len(value.shape))]
        found += [Slot(index, place, True) for place in range(len(value.data or ()))]
    return found


def _named(step: WhyStep) -> str:
    return f"t{step.tensor.index}({step.axis})" if step.held else f"t{step.tensor.index}[{step.axis}]"


def _sources(steps: list[WhyStep]) -> str:
    first = steps[0]
    way = " ".join(_named(steps[place]) for place in first.via)
    return f"{_named(first)} {first.symbolic} {first.op} <- {way or first.origin}" + (
        f"; {first.note}" if first.note else ""
    )


def seen(name: str) -> str:
    """What the file of a program holds."""
    trace = PROGRAMS[name]()
    whole = graph.build(trace)
    lines = _written(whole)
    for depth in (0, 1, 2):
        lines += ["", f"# by layer, {depth} deep", *_written(graph.collapse(whole, depth))]
    for place, finding in enumerate(trace.findings):
        lines += ["", f"# the way of finding {place}", *_written(graph.finding_slice(trace, finding))]
    for place, conversion in enumerate(trace.conversions):
        lines += ["", f"# where dims of conversion {place} come from"]
        lines += [_sources(chain(conversion, slot)) for slot in _slots(conversion)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.path[:0] = [str(GOLDEN.parents[1])]
    GOLDEN.mkdir(exist_ok=True)
    for program in PROGRAMS:
        (GOLDEN / f"{program}.txt").write_text(seen(program), encoding="utf-8")
