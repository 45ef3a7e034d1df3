"""Traces written by hand of which the sizes are known."""

from __future__ import annotations

from example_traces import Program
from shapetrace import Trace


def halved(dim: str) -> str:
    """An axis after a convolution of 3 by 3 with a stride of 2 and a padding of 1."""
    return f"Add(Div(Add({dim}, -1), 2), 1)"


def pyramid(levels: int = 3) -> Trace:
    """An image that is halved some times; each map is added to the next smaller one, doubled."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace, "Fpn.forward")
    value = program.input("image", "S0; 3; S1; 64")
    dim, maps = "S1", []
    for level in range(levels):
        program.line = 20 + level
        dim = halved(dim)
        value = program.op("pd_op.conv2d", (value,), f"S0; 8; {dim}; {64 >> level + 1}")
        maps.append((value, dim))
    for level in range(levels - 1, 0, -1):
        program.line = 30 + level
        value = program.op("pd_op.nearest_interp", (value, -1, -1, -1), f"S0; 8; Mul({dim}, 2); {64 >> level}")
        other, smaller = maps[level - 1]
        dim = f"Broadcast({smaller}, Mul({dim}, 2))"
        value = program.op("pd_op.add", (other, value), f"S0; 8; {dim}; {64 >> level}")
    return trace


def squares(more: int = 0) -> Trace:
    """Tokens that are made a square map, but for so many."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace, "Tokens.forward")
    tokens = program.input("ids", "S0")
    patches = f"Add(S0, {-more})" if more else "S0"
    ends = program.constant("S0")
    cut = program.op("pd_op.slice", (tokens, program.constant(str(more)), ends), patches, attrs={"axes": [0]})
    side = f"Int(Root({patches}))"
    program.op("pd_op.reshape", (cut, program.constant(f"{side}; {side}")), f"{side}; {side}")
    return trace


def encoder(length: int = 512) -> Trace:
    """Tokens with a mask, to which a slice of a table of positions is added."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace, "Encoder.forward")
    tokens, mask = program.input("ids", "S0; S1"), program.input("mask", "S2; S3")
    table = program.op("builtin.parameter", (), f"1; {length}; 16")
    program.line = 40
    embedded = program.op("pd_op.embedding", (tokens,), "S0; S1; 16")
    starts, ends = program.constant("0"), program.constant("S1")
    cut = f"Max(Min({length}, S1), 0)"
    positions = program.op("pd_op.slice", (table, starts, ends), f"1; {cut}; 16", attrs={"axes": [1]})
    program.line = 41
    known = f"Broadcast(S1, {cut})"
    x = program.op("pd_op.add", (embedded, positions), f"S0; {known}; 16")
    program.line = 42
    wide = program.op("pd_op.unsqueeze", (mask,), "S2; S3; 1")
    program.op("pd_op.multiply", (x, wide), f"Broadcast(S0, S2); Broadcast(S1, S3, {cut}); 16")
    return trace


def joined(program: Program, values: tuple[int, ...], dims: str) -> int:
    """Tensors beside each other, on their second axis."""
    listed = program.op("builtin.combine", values, "")
    program.conversion.values[listed].dtype = "vec[float32]"
    return program.op("pd_op.concat", (listed, program.constant("1")), dims)


def concatenated() -> Trace:
    """Two inputs that are joined beside each other."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace, "Joined.forward")
    joined(program, (program.input("a", "S0; 8"), program.input("b", "S1; 8")), "S0; 16")
    return trace


def stepped() -> Trace:
    """Two inputs that are compared after a pool of 4."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace, "Change.forward")
    program.line = 20
    before, after = (
        program.op("pd_op.pool2d", (program.input(name, f"{key}; 8"),), f"Add(Div(Add({key}, -4), 4), 1); 8")
        for name, key in (("before", "S0"), ("after", "S1"))
    )
    steps = "Broadcast(Add(Div(Add(S0, -4), 4), 1), Add(Div(Add(S1, -4), 4), 1))"
    program.op("pd_op.subtract", (before, after), f"{steps}; 8")
    return trace


def scaled() -> Trace:
    """A detector that divides the sizes of its images by their scales, and wants as many of that as there are images."""
    trace = Trace()
    program = Program(trace)
    maps = program.input("maps", "S0; 255; S1; S2")
    sizes, scales = program.input("sizes", "S3; 2"), program.input("scales", "S4; 2")
    original = program.op("pd_op.divide", (sizes, scales), "Broadcast(S3, S4); 2")
    program.op("pd_op.yolo_box", (maps, original), "S0; Mul(3, S1, S2); 4")
    return trace
