"""A trace written by hand: the bug of RT-DETRv2 in two files, without Paddle."""

from __future__ import annotations

from shapetrace.trace import (
    Applied,
    Cause,
    Conversion,
    Finding,
    Fix,
    Input,
    Op,
    Root,
    Sink,
    Site,
    Step,
    Symbol,
    Trace,
    Value,
)

UTILS = "/home/ann/detector/utils.py"
DECODER = "/home/ann/detector/decoder.py"

SOURCES = {
    UTILS: {
        158: "    batch_num, _, num_heads, c = value.shape",
        163: "    value = value.reshape([batch_num * num_heads, -1, c])",
    },
    DECODER: {
        88: "        self.core = functools.partial(deformable_core, method='default')",
        112: "        return self.core(value, points)",
    },
}

PARTIAL = Finding(
    rule="ST101",
    severity="error",
    message="reshape got shape[0] = -8, computed from an unknown dim",
    python_value=-8,
    expression="batch_num * num_heads",
    symbolic="8*B",
    source=Site(UTILS, 158, 33, 158, 44, "value.shape", "deformable_core"),
    sink=Sink(
        UTILS, 163, 12, 163, 57, "value.reshape([batch_num * num_heads, -1, c])", "deformable_core",
        op="reshape", argument="shape", index=0,
    ),
    roots=(Root("image", 0, "B"),),
    cause=Cause(
        "partial",
        "deformable_core",
        site=Site(DECODER, 112, 15, 112, 39, "self.core(value, points)", "forward"),
        wrapped=Site(DECODER, 88, 20, 88, 72, "functools.partial(deformable_core, method='default')", "__init__"),
    ),
    chain=(
        Step("batch_num", -1, "B", Site(UTILS, 158, 33, 158, 44, "value.shape", "deformable_core")),
        Step(
            "batch_num * num_heads", -8, "8*B",
            Site(UTILS, 163, 27, 163, 48, "batch_num * num_heads", "deformable_core"),
        ),
    ),
    remedies=("rtdetrv2", "callables", "symbolic-dims"),
    fix=Fix(
        "value.reshape([paddle.shape(value)[0] * num_heads, -1, c])",
        Site(UTILS, 163, 12, 163, 57),
        "keep the batch a tensor",
    ),
    conversion=0,
    count=6,
    layers=("/Decoder/DecoderLayer/Attention/",) * 6,
)  # fmt: skip

WARNING = Finding(
    rule="ST201",
    severity="warning",
    message="a branch was decided by an unknown dim",
    python_value=-1,
    sink=Sink(DECODER, 112, 15, 112, 24, "self.core", "forward", op="<"),
    conversion=0,
)

NOTE = Finding(rule="ST503", severity="note", message="axis 2 of image was baked in as 640", conversion=0)


def trace(*findings: Finding) -> Trace:
    """A trace of one small conversion with these findings; with the partial's when none are given."""
    image = Value(0, "float32", (-1, 3, 640, 640), dims=(0, 1, 2, 2), name="image")
    flat = Value(1, "float32", (-8, 3, 640, 640), dims=(3, 1, 2, 2))
    conversion = Conversion(
        function="Detector.forward",
        site=0,
        inputs=[Input("image", (-1, 3, 640, 640), "float32")],
        ops=[Op("pd_op.data", (), (0,)), Op("pd_op.reshape", (0,), (1,), layer="/Decoder/", stack=(0, 1))],
        values=[image, flat],
        expressions=["S0", "3", "640", "Mul(S0, 8)"],
        symbols=[Symbol("S0", "B", "image", 0)],
    )
    return Trace(
        shapetrace="0.1.0",
        paddle="3.3.1",
        python="3.11.2",
        conversions=[conversion],
        findings=list(findings or (PARTIAL,)),
        sites=[Site(DECODER, 112, 15, 112, 39, function="forward"), Site(UTILS, 163, function="deformable_core")],
        sources=SOURCES,
        remedies=[Applied("callables", ("converted deformable_core",))],
    )
