"""A trace of a made-up detector of any size, with layers, parameters, symbolic shapes and a leaked dim in its decoder."""

from __future__ import annotations

import msgspec

from example_traces import leaky_trace
from shapetrace import Trace
from shapetrace.trace import Conversion, DimRecord, Input, Op, OpArgument, Site, Symbol, Value

FILE = "/home/ann/detector/network.py"
ATTENTION = "/Detector/Transformer/DecoderLayer/DeformableAttention/"


class Builder:
    """Writes a program op by op, as a conversion would."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.values: list[Value] = []
        self.expressions: list[str] = []
        self.sites: list[Site] = []

    def add(self, op: str, inputs: tuple[int, ...], dims: tuple[str, ...], layer: str = "", name: str = "") -> int:
        """Add an op with one result of these dims, and return the result's index."""
        site = len(self.ops) % 200
        if site == len(self.sites):
            self.sites.append(Site(FILE, 10 + site, function="forward"))
        shape = tuple(int(dim) if dim.lstrip("-").isdigit() else -1 for dim in dims)
        indices = tuple(self.expression(dim) for dim in dims)
        self.ops.append(Op(op, inputs, (len(self.values),), layer=layer, stack=(site,)))
        self.values.append(Value(len(self.ops) - 1, "float32", shape, dims=indices, name=name))
        return len(self.values) - 1

    def expression(self, text: str) -> int:
        """The index of an expression, which is added if it is new."""
        if text not in self.expressions:
            self.expressions.append(text)
        return self.expressions.index(text)

    def linear(self, x: int, dims: tuple[str, ...], layer: str) -> int:
        """A linear layer: two parameters, a product, a sum."""
        path = f"{layer}Linear/"
        weight = self.add("builtin.parameter", (), (dims[-1], dims[-1]), path, f"linear_{len(self.ops)}.w_0")
        bias = self.add("builtin.parameter", (), dims[-1:], path, f"linear_{len(self.ops)}.b_0")
        return self.add("pd_op.add", (self.add("pd_op.matmul", (x, weight), dims, path), bias), dims, path)

    def convolution(self, x: int, dims: tuple[str, ...], layer: str) -> int:
        """A convolution with norm and activation."""
        path = f"{layer}ConvNormLayer/"
        weight = self.add("builtin.parameter", (), ("64", "64", "3", "3"), path, f"conv2d_{len(self.ops)}.w_0")
        x = self.add("pd_op.conv2d", (x, weight), dims, f"{path}Conv2D/")
        x = self.add("pd_op.batch_norm_", (x,), dims, f"{path}BatchNorm2D/")
        return self.add("pd_op.relu", (x,), dims, path)


def trace(tensors: int = 1000) -> Trace:
    """A detector of about this many tensors, its findings included.

    Args:
        tensors: How many; the backbone grows with it.
    """
    build = Builder()
    x = build.add("pd_op.data", (), ("S0", "3", "S1", "S2"), name="image")
    blocks = max((tensors - 160) // 20, 4)
    for stage in range(4):
        scale = 4 << stage
        dims = ("S0", "64", f"Div(S1, {scale})", f"Div(S2, {scale})")
        for _ in range(blocks // 4):
            layer = f"/Detector/ResNet/Blocks{stage + 1}/BasicBlock/"
            y = x
            for _ in range(4):
                y = build.convolution(y, dims, layer)
            y = build.convolution(y, dims, f"{layer}Shortcut/") if len(build.values) % 2 else y
            x = build.add("pd_op.add", (x, y), dims, layer)
    flat = build.add("pd_op.flatten", (x,), ("S0", "64", "Mul(Div(S1, 32), Div(S2, 32))"), "/Detector/HybridEncoder/")
    memory = build.add(
        "pd_op.transpose", (flat,), ("S0", "Mul(Div(S1, 32), Div(S2, 32))", "64"), "/Detector/HybridEncoder/"
    )
    queries = build.add("pd_op.full", (), ("1", "300", "64"), "/Detector/Transformer/")
    query = build.add("pd_op.expand", (queries, memory), ("S0", "300", "64"), "/Detector/Transformer/")
    reads = []
    for _ in range(6):
        layer, attention = "/Detector/Transformer/DecoderLayer/", ATTENTION
        value = build.linear(memory, ("S0", "Mul(Div(S1, 32), Div(S2, 32))", "64"), attention)
        reads.append(value)
        weights = build.linear(query, ("S0", "300", "64"), attention)
        heads = build.add("pd_op.reshape", (value,), ("Mul(S0, 8)", "8", "Mul(Div(S1, 32), Div(S2, 32))"), attention)
        sampled = build.add("pd_op.grid_sample", (heads, weights), ("Mul(S0, 8)", "8", "300"), attention)
        joined = build.add("pd_op.reshape", (sampled,), ("S0", "300", "64"), attention)
        query = build.add(
            "pd_op.add", (query, build.linear(joined, ("S0", "300", "64"), attention)), ("S0", "300", "64"), layer
        )
        query = build.add("pd_op.layer_norm", (query,), ("S0", "300", "64"), f"{layer}LayerNorm/")
    boxes = build.add(
        "pd_op.sigmoid",
        (build.linear(query, ("S0", "300", "4"), "/Detector/Head/"),),
        ("S0", "300", "4"),
        "/Detector/Head/",
    )
    example = leaky_trace()
    leak = example.findings[0]
    assert leak.source
    assert leak.sink
    build.sites += [leak.source, leak.sink]
    for value in reads:
        build.ops[build.values[value].op].stack = (len(build.sites) - 1,)
    return Trace(
        shapetrace="0.1.0",
        paddle="3.3.1",
        python="3.11.2",
        conversions=[
            Conversion(
                function="Detector.forward",
                inputs=[Input("image", (-1, 3, -1, -1), "float32")],
                ops=build.ops,
                values=build.values,
                expressions=build.expressions,
                symbols=[Symbol("S0", "B", "image", 0), Symbol("S1", "H", "image", 2), Symbol("S2", "W", "image", 3)],
                outputs=(boxes,),
            )
        ],
        sites=build.sites,
        dims=[
            DimRecord(-1, "read", conversion=0, tensor=tensor, axis=0, site=len(build.sites) - 2) for tensor in reads
        ],
        uses=[
            OpArgument(dim, conversion=0, site=len(build.sites) - 1, op=leak.sink.op, argument=leak.sink.argument)
            for dim in range(len(reads))
        ],
        findings=[
            msgspec.structs.replace(
                leak,
                count=6,
                layers=(ATTENTION,) * 6,
                reads=tuple(range(len(reads))),
                skips=(),
                uses=tuple(range(len(reads))),
            )
        ],
        sources=example.sources,
    )
