"""Traces written by hand, without Paddle: what a watch would have recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapetrace import Trace
from shapetrace.said import said
from shapetrace.trace import (
    Cause,
    Conversion,
    DimRecord,
    DimRef,
    Edit,
    Failure,
    Finding,
    Fix,
    Input,
    Op,
    OpArgument,
    Root,
    Sink,
    Site,
    Skip,
    Step,
    Symbol,
    Value,
)

DECODER = "/home/ann/detector/decoder.py"
UTILS = "/home/ann/detector/utils.py"
ATTENTION = "/Detector/Decoder/DecoderLayer/DeformableAttention/"


class Program:
    """Writes a conversion op by op, as `capture.program` would."""

    def __init__(self, trace: Trace, function: str = "Detector.forward") -> None:
        self.trace = trace
        self.conversion = Conversion(function=function)
        self.index = trace.add(self.conversion)
        self.layer = "/Detector/"
        self.line = 10
        self.file = DECODER
        self.parent, self.block = -1, 0

    def expression(self, text: str) -> int:
        if text not in self.conversion.expressions:
            self.conversion.expressions.append(text)
        return self.conversion.expressions.index(text)

    def site(self, site: Site) -> int:
        if site not in self.trace.sites:
            self.trace.sites.append(site)
        return self.trace.sites.index(site)

    def value(self, op: int, dims: str | None, data: str | None = None, name: str = "", dtype: str = "float32") -> int:
        """Add a value; `dims` and `data` are expressions separated by `; `."""
        texts = [text for text in dims.split("; ") if text] if dims is not None else []
        shape = tuple(int(text) if text.lstrip("-").isdigit() else -1 for text in texts)
        held = tuple(self.expression(text) for text in data.split("; ")) if data is not None else None
        known = tuple(map(self.expression, texts)) if dims is not None else None
        self.conversion.values.append(Value(op, "int64" if data is not None else dtype, shape, known, held, name))
        return len(self.conversion.values) - 1

    def op(
        self,
        name: str,
        inputs: Sequence[int] = (),
        *results: str,
        data: str | None = None,
        named: str = "",
        attrs: dict[str, Any] | None = None,
    ) -> int:
        """Add an op with one result for each of `results`, and return the index of the first."""
        index = len(self.conversion.ops)
        outputs = tuple(self.value(index, result, data, named) for result in results)
        stack = (self.site(Site(self.file, self.line, function="forward")),) if self.line else ()
        self.conversion.ops.append(
            Op(name, tuple(inputs), outputs, attrs or {}, self.layer, stack, self.parent, self.block)
        )
        return outputs[0] if outputs else -1

    def input(self, name: str, dims: str) -> int:
        """Add an input of the model; each expression of its shape that is no number is named after the axis."""
        line, self.line = self.line, 0
        value = self.op("pd_op.data", (), dims, named=name)
        self.line = line
        self.conversion.inputs.append(Input(name, self.conversion.values[value].shape, "float32"))
        for axis, text in enumerate(dims.split("; ")):
            known = {symbol.key for symbol in self.conversion.symbols}
            if not text.isdigit() and text not in known:
                self.conversion.symbols.append(Symbol(text, f"{name}[{axis}]", name, axis))
        return value

    def constant(self, data: str) -> int:
        count = len(data.split("; "))
        return self.op("pd_op.full_int_array", (), str(count), data=data, attrs={"value": data})

    def read(self, value: int, dims: str, axis: int, dim: str) -> int:
        """`value.shape[axis]` as dy2static writes it."""
        shape = self.op("pd_op.shape64", (value,), str(len(dims.split("; "))), data=dims)
        starts, ends = self.constant(str(axis)), self.constant(str(axis + 1))
        attrs = {"axes": [0], "decrease_axis": [0]}
        return self.op("pd_op.slice", (shape, starts, ends), "", data=dim, attrs=attrs)

    def stack(self, values: Sequence[int], dims: str) -> int:
        """A shape made of numbers and dims, as Paddle makes it for `reshape`."""
        listed = self.op("builtin.combine", values, "")
        self.conversion.values[listed].dtype = "vec[...]"
        return self.op("pd_op.stack", (listed,), str(len(values)), data=dims, attrs={"axis": 0})


def _attention(program: Program, features: int) -> int:
    """The value of a deformable attention, [batch, length, heads, channels], as the model's own code makes it."""
    weight = program.op("builtin.parameter", (), "256; 256", named="linear_0.w_0")
    program.line = 96
    projected = program.op("pd_op.matmul", (features, weight), "S0; 400; 256")
    program.line = 98
    batch = program.read(projected, "S0; 400; 256", 0, "S0")
    rest = [
        program.op("pd_op.full", (), "", data=number, attrs={"value": float(number)}) for number in ("400", "8", "32")
    ]
    shape = program.stack([batch, *rest], "S0; 400; 8; 32")
    return program.op("pd_op.reshape", (projected, shape), "S0; 400; 8; 32")


def leaky_trace() -> Trace:
    """A failed export of a detector like RT-DETRv2: a `functools.partial` reads the batch and reshapes with 8 of it."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace)
    image = program.input("image", "S0; 3; 640; 640")
    weight = program.op("builtin.parameter", (), "256; 3; 32; 32", named="conv2d_0.w_0")
    program.line, program.layer = 21, "/Detector/Backbone/Conv2D/"
    features = program.op("pd_op.conv2d", (image, weight), "S0; 256; 20; 20", attrs={"strides": [32, 32]})
    program.line, program.layer = 30, "/Detector/"
    axes = program.constant("0; 2; 1")
    flat = program.op("pd_op.flatten", (features,), "S0; 256; 400", attrs={"start_axis": 2, "stop_axis": 3})
    tokens = program.op("pd_op.transpose", (flat, axes), "S0; 400; 256", attrs={"perm": [0, 2, 1]})
    program.layer = ATTENTION
    value = _attention(program, tokens)
    program.file, program.line = UTILS, 161
    moved = program.op("pd_op.transpose", (value,), "S0; 8; 32; 400", attrs={"perm": [0, 2, 3, 1]})
    program.op("pd_op.flatten", (moved,), "Mul(S0, 8); 32; 400", attrs={"start_axis": 0, "stop_axis": 1})

    source = Site(UTILS, 158, 40, 158, 51, "value.shape", "deformable_core")
    product = Site(UTILS, 163, 27, 163, 48, "batch_num * num_heads", "deformable_core")
    sink = Site(UTILS, 163, 12, 163, 60, "value.reshape([batch_num * num_heads, -1, h, w])", "deformable_core")
    called = Site(DECODER, 112, 15, 112, 39, "self.core(value, points)", "forward")
    wrapped = Site(DECODER, 88, 20, 88, 71, "functools.partial(deformable_core, method='linear')", "__init__")
    trace.skips.append(Skip("partial", "deformable_core", called=program.site(called), wrapped=program.site(wrapped)))
    trace.dims += [
        DimRecord(-1, "read", (), program.index, value, 0, program.site(source), 0, name="batch_num"),
        DimRecord(-8, "*", (DimRef(0), 8), site=program.site(product), skip=0),
    ]
    stack = (program.site(called), program.site(sink))
    trace.uses.append(
        OpArgument(
            dim=1,
            conversion=program.index,
            site=program.site(sink),
            op="reshape",
            expression="batch_num * num_heads",
            argument="shape",
            index=0,
            arguments=("-8", "-1", "20", "20"),
            raised=program.index,
            layer=ATTENTION,
            stack=stack,
        )
    )
    program.conversion.failure = Failure(
        "AssertionError",
        "Each dimension value of 'shape' in reshape must not be negative except one unknown dimension. "
        "But received shape[0] = -8.",
        stack,
    )
    trace.sources = {
        UTILS: {
            158: "    batch_num, _, num_heads, channels = value.shape",
            163: "    value = value.reshape([batch_num * num_heads, -1, h, w])",
        },
        DECODER: {
            88: "        self.core = functools.partial(deformable_core, method='linear')",
            112: "        return self.core(value, points)",
        },
    }
    trace.findings.append(
        Finding(
            rule="ST101",
            severity="error",
            said=said("{} got {} = {}, computed from an unknown dim", "reshape", "shape[0]", -8),
            python_value=-8,
            expression="batch_num * num_heads",
            symbolic="8*image[0]",
            source=source,
            sink=Sink(
                UTILS, 163, 12, 163, 60, sink.code, "deformable_core", op="reshape", argument="shape", index=0
            ),
            roots=(Root("image", 0, "image[0]"),),
            cause=Cause("partial", "deformable_core", site=called, wrapped=wrapped),
            chain=(
                Step("value.shape[0]", -1, "image[0]", source),
                Step("batch_num * num_heads", -8, "8*image[0]", product),
            ),
            remedies=("rtdetrv2", "callables", "symbolic-dims"),
            fix=Fix(
                "the batch as a tensor",
                "machine",
                (Edit(sink.file, 159, 0, 159, 0, "    batch_num = paddle.shape(value)[0]\n"),),
            ),
            conversion=program.index,
            layers=(ATTENTION,),
            reads=(0,),
            skips=(0,),
            uses=(0,),
        )
    )  # fmt: skip
    return trace


def healthy_trace(blocks: int = 6) -> Trace:
    """A conversion without findings: `blocks` decoder blocks of 15 ops, each of which reshapes with a batch read."""
    trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
    program = Program(trace)
    tokens = program.input("image", "S0; 400; 256")
    for block in range(blocks):
        program.layer = f"/Detector/Decoder/DecoderLayer_{block}/DeformableAttention/"
        value = _attention(program, tokens)
        program.line = 100
        flat = program.op("pd_op.flatten", (value,), "S0; 400; 256", attrs={"start_axis": 2, "stop_axis": 3})
        program.layer = f"/Detector/Decoder/DecoderLayer_{block}/Norm/"
        program.line = 130
        tokens = program.op("pd_op.add", (flat, tokens), "S0; 400; 256")
        tokens = program.op("pd_op.layer_norm", (tokens,), "S0; 400; 256", "S0; 400", "S0; 400")
    program.layer = "/Detector/"
    program.op("pd_op.fetch", (tokens,), "S0; 400; 256", named="fetch_0")
    program.conversion.outputs = (len(program.conversion.values) - 1,)
    return trace
