"""An ONNX file held against a trace, both written by hand: Paddle is not needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from example_traces import DECODER, Program
from shapetrace import Trace
from shapetrace.cli import main
from shapetrace.errors import UsageError
from shapetrace.onnx_file import annotate, lint, names
from shapetrace.onnx_file.names import Aligned
from shapetrace.verify import inside, locating

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
helper, FLOAT, INT64 = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
RUNS = pytest.mark.skipif(find_spec("onnxruntime") is None, reason="onnxruntime is not installed")

Node = Any


def model(
    *nodes: Node, shape: tuple[int | str | None, ...] = (None, 4), output: str = "fetch_name_0", rank: int = 2
) -> Any:
    """A file with one input, `x`, and one output of a rank."""
    graph = helper.make_graph(
        list(nodes),
        "hand",
        [helper.make_tensor_value_info("x", FLOAT, shape)],
        [helper.make_tensor_value_info(output, FLOAT, [None] * rank)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return made


def ints(name: str, *numbers: int) -> Node:
    value = helper.make_tensor(name, INT64, [len(numbers)], numbers)
    return helper.make_node("Constant", [], [name], name=f"Constant.{name}", value=value)


def number(name: str, value: float) -> Node:
    return helper.make_node("Constant", [], [name], value=helper.make_tensor(name, FLOAT, [], [value]))


def two_relus() -> Program:
    """`relu(x)` that nothing needs, then `relu(exp(x))` on the lines 11, 12 and 13."""
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 4")
    program.line = 11
    program.op("pd_op.relu", (x,), "S0; 4")
    program.line = 12
    grown = program.op("pd_op.exp", (x,), "S0; 4")
    program.line = 13
    kept = program.op("pd_op.relu", (grown,), "S0; 4")
    program.conversion.outputs = (kept,)
    return program


def single(op: str, *dims: str, attrs: dict[str, Any] | None = None, extra: str = "") -> Program:
    """One op of `x`, on line 21; with `extra`, that many more ints as its operand."""
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 4")
    program.line = 21
    operands = (x, program.constant(extra)) if extra else (x,)
    program.conversion.outputs = (program.op(op, operands, *dims, attrs=attrs),)
    return program


EXP = helper.make_node("Exp", ["x"], ["Exp.1"], name="Exp.0")
HANDED_ON = helper.make_node("Identity", ["Exp.1"], ["p2o.pd_op.exp.0.0"], name="Identity.0")
RELU = helper.make_node("Relu", ["p2o.pd_op.exp.0.0"], ["fetch_name_0"], name="Relu.0")


def test_a_tensor_is_the_kth_op_of_its_kind_that_was_saved_and_a_node_that_of_the_next_tensor() -> None:
    program = two_relus()
    aligned = Aligned(model(EXP, HANDED_ON, RELU), program.conversion)

    made = {name: program.conversion.values[value].op for name, value in aligned.values.items()}
    exp, kept = 2, 3
    assert made == {"x": 0, "p2o.pd_op.exp.0.0": exp, "fetch_name_0": kept}
    assert [aligned.op(node) for node in (EXP, HANDED_ON, RELU)] == [exp, exp, kept]
    line = aligned.site(exp)
    assert line is not None and (line.file, line.line) == (DECODER, 12)


def test_an_op_that_paddle_made_for_an_argument_has_the_line_of_the_op_that_takes_it() -> None:
    program = two_relus()
    program.line = 0
    number = program.constant("2")
    shape = program.stack([number], "2")
    program.line = 14
    program.op("pd_op.reshape", (0, shape), "2; 2")

    conversion = program.conversion
    for op in (conversion.values[number].op, conversion.values[shape].op):
        conversion.ops[op].stack = ()
        site = conversion.site_of(op)
        assert site is not None and site.line == 14
    assert conversion.site_of(conversion.values[0].op) == conversion.site_of(1)


def test_a_tensor_that_is_returned_twice_is_one_output() -> None:
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 4")
    once = program.op("pd_op.relu", (x,), "S0; 4")
    other = program.op("pd_op.exp", (x,), "S0; 4")
    program.conversion.outputs = (once, once, other)
    aligned = Aligned(model(helper.make_node("Exp", ["x"], ["fetch_name_1"])), program.conversion)
    assert aligned.values["fetch_name_1"] == other


def test_an_op_that_no_output_needs_is_not_counted() -> None:
    program = two_relus()
    relu = helper.make_node("Relu", ["p2o.pd_op.exp.0.0"], ["p2o.pd_op.relu.0.0"])
    aligned = Aligned(model(EXP, HANDED_ON, relu, output="p2o.pd_op.relu.0.0"), program.conversion)

    assert program.conversion.values[aligned.values["p2o.pd_op.relu.0.0"]].op == 3


def branches(*unneeded: str) -> Program:
    """Line 31: `if` with a block that has an `if` of its own on line 32, and another `relu` beside it on line 33; its other side is on line 34."""
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 4")

    def relu(line: int, parent: int, block: int, of: int, *also: str) -> None:
        program.parent, program.block, program.line = parent, block, line
        for name in also:
            program.op(name, (x,), "S0; 4")
        made = program.op("pd_op.relu", (of,), "S0; 4")
        program.op("cf.yield", (made,))

    program.line = 31
    condition = program.op("pd_op.any", (x,), "")
    chosen = program.op("pd_op.if", (condition,), "S0; 4")
    outer = program.conversion.values[chosen].op
    program.parent = outer
    within = program.op("pd_op.if", (condition,), "S0; 4")
    relu(32, program.conversion.values[within].op, 0, x)
    relu(33, outer, 0, within, *unneeded)
    relu(34, outer, 1, x)
    program.conversion.outputs = (chosen,)
    return program


def side(number: int, *more: Node) -> Any:
    name = f"p2o.sub_block.pd_op.relu.{number}.0"
    taken = more[-1].output[0] if more and more[-1].op_type != "If" else "x"
    made = helper.make_node("Relu", [taken], [name], name=f"Relu.{number}")
    return helper.make_graph([*more, made], f"side{number}", [], [helper.make_tensor_value_info(name, FLOAT, None)])


def branching(*more: Node) -> Any:
    """The file of `branches`; some nodes are in the innermost block."""
    nested = helper.make_node(
        "If",
        ["c"],
        ["p2o.sub_block.pd_op.if.0.0"],
        then_branch=side(1, *more),
        else_branch=helper.make_graph([], "e", [], []),
    )
    outer = helper.make_node("If", ["c"], ["fetch_name_0"], then_branch=side(0, nested), else_branch=side(2))
    return model(outer)


@pytest.mark.parametrize("unneeded", [(), ("pd_op.relu",)])
def test_ops_in_blocks_are_counted_block_by_block(unneeded: tuple[str, ...]) -> None:
    aligned = Aligned(branching(), branches(*unneeded).conversion)

    lines = {
        node.name: aligned.site(op) for node in aligned.nodes if node.op_type == "Relu" and (op := aligned.op(node))
    }
    assert {name: site and site.line for name, site in lines.items()} == {"Relu.0": 33, "Relu.1": 32, "Relu.2": 34}


def test_a_kind_of_op_that_is_counted_otherwise_in_the_file_is_not_looked_up_in_blocks() -> None:
    aligned = Aligned(
        model(helper.make_node("If", ["c"], ["fetch_name_0"], then_branch=side(0))), branches().conversion
    )
    assert aligned.inner == {}


def test_what_was_baked_in_within_a_block_is_told_at_its_line() -> None:
    shape, wide = ints("shape", -1, 4), helper.make_node("Expand", ["x", "shape"], ["Expand.1"], name="Expand.0")
    aligned = Aligned(branching(shape, wide), branches().conversion)

    (problem,) = lint.problems(aligned)
    assert str(problem.said).startswith("Expand to the literal [-1, 4]")
    site = aligned.site(problem.op or 0)
    assert site is not None and site.line == 32
    annotate.annotate(aligned)
    assert [node.doc_string.splitlines()[0][-5:] for node in aligned.nodes if node.name == "Expand.0"] == [":32: "]


@pytest.mark.parametrize(
    ("nodes", "line"),
    [([], 34), ([ints("shape", -1, 4), helper.make_node("Expand", ["x", "shape"], ["Expand.1"])], 32)],
)
def test_an_if_that_fails_is_told_by_what_is_wrong_in_it_or_else_by_the_node_that_failed(
    nodes: list[Node], line: int
) -> None:
    aligned = Aligned(branching(*nodes), branches().conversion)
    found = locating.of_trace(aligned.conversion, aligned.op(aligned.model.graph.node[0]) or -1)
    trouble = "running If node. Name:'' Status Message: running Relu node. Name:'Relu.2' no"

    place = inside.narrowed(found, trouble, aligned.conversion, (aligned, lint.problems(aligned)), lambda _: False)
    assert found.op == "pd_op.if"
    assert place.site is not None and place.site.line == line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("running If node. Name:'If.0' Status Message: running Relu node. Name:'Relu.1' no", 32),
        ("Node input 'p2o.sub_block.pd_op.relu.2.0' is not a graph input", 34),
        ('Input tensor isn\'t found for node "p2o.sub_block.pd_op.relu.1.0"', 32),
        ("something went wrong at 'last'", None),
    ],
)
def test_the_op_that_a_runtime_names_is_looked_up(message: str, line: int | None) -> None:
    aligned = Aligned(branching(), branches().conversion)
    op = aligned.named_in(message)
    site = aligned.site(op) if op is not None else None
    assert (site.line if site else None) == line


def test_a_tensor_in_a_block_that_is_taken_and_never_made_is_counted_too() -> None:
    made = branching()
    for node in made.graph.node[0].attribute[1].g.node:  # the other side
        node.input[0], node.output[0] = node.output[0], "lost"
    inner = Aligned(made, branches().conversion).inner
    assert sorted(name for name in inner if ".relu." in name) == [f"p2o.sub_block.pd_op.relu.{n}.0" for n in range(3)]


WRONG: dict[str, tuple[Program, list[Node], str]] = {
    "expand": (
        single("pd_op.expand_as", "S0; 4"),
        [ints("shape", -1, 4), helper.make_node("Expand", ["x", "shape"], ["fetch_name_0"], name="Expand.0")],
        "Expand to the literal [-1, 4]: ONNX knows no -1 there, and the shape is [x[0], 4]",
    ),
    "expand by way of a cast": (
        single("pd_op.expand_as", "S0; 4"),
        [
            ints("int", -1, 4),
            helper.make_node("Cast", ["int"], ["shape"], to=INT64),
            helper.make_node("Expand", ["x", "shape"], ["fetch_name_0"]),
        ],
        "Expand to the literal [-1, 4]",
    ),
    "tile": (
        single("pd_op.tile", "S0; 8"),
        [ints("times", -1, 2), helper.make_node("Tile", ["x", "times"], ["fetch_name_0"])],
        "Tile by the literal [-1, 2]",
    ),
    "reshape": (
        single("pd_op.reshape", "S0; 2; 2"),
        [ints("shape", -1, -1, 2), helper.make_node("Reshape", ["x", "shape"], ["fetch_name_0"])],
        "Reshape to the literal [-1, -1, 2]: ONNX infers one -1, and the shape is [x[0], 2, 2]",
    ),
    "split": (
        single("pd_op.split", "1; 4", "S0 - 1; 4"),
        [
            ints("sizes", 1, -1),
            helper.make_node("Split", ["x", "sizes"], ["fetch_name_0", "p2o.pd_op.split.0.1"], axis=0),
        ],
        "Split into the literal sizes [1, -1]",
    ),
    "pad": (
        single("pd_op.pad3d", "S0; 6", attrs={"pad_value": 0.5}),
        [
            ints("pads", 0, 1, 0, 1),
            number("fill", 1.3e12),
            helper.make_node("Pad", ["x", "pads", "fill"], ["fetch_name_0"]),
        ],
        "Pad fills with 1.3e+12; the model fills with 0.5",
    ),
    "pad by the edge": (
        single("pd_op.pad3d", "S0; 6", attrs={"pad_value": 0.5}),
        [
            ints("pads", 0, 1, 0, 1),
            number("fill", 1.3e12),
            helper.make_node("Pad", ["x", "pads", "fill"], ["fetch_name_0"], mode="edge"),
        ],
        "",
    ),
    "slope": (
        single("pd_op.leaky_relu", "S0; 4", attrs={"negative_slope": 0.3}),
        [helper.make_node("LeakyRelu", ["x"], ["fetch_name_0"], alpha=0.0625)],
        "LeakyRelu has alpha 0.0625; the model has negative_slope 0.3",
    ),
    "slope as it is": (
        single("pd_op.leaky_relu", "S0; 4", attrs={"negative_slope": 0.3}),
        [helper.make_node("LeakyRelu", ["x"], ["fetch_name_0"], alpha=0.3)],
        "",
    ),
    "clip": (
        single("pd_op.hardtanh", "S0; 4", attrs={"t_min": -0.5, "t_max": 1.0}),
        [
            number("least", -1.0),
            number("most", 1.0),
            helper.make_node("Clip", ["x", "least", "most"], ["fetch_name_0"]),
        ],
        "Clip has min -1; the model has t_min -0.5",
    ),
    "drawn": (
        single("pd_op.uniform", "S0; 4"),
        [helper.make_node("RandomUniform", [], ["fetch_name_0"])],
        "RandomUniform of the literal shape [], and the shape is [x[0], 4]: give the model its random numbers",
    ),
    "drawn of one shape": (
        single("pd_op.gaussian", "2; 4"),
        [helper.make_node("RandomNormal", [], ["fetch_name_0"], shape=[2, 4])],
        "",
    ),
    "norm over everything": (
        single("pd_op.p_norm", "", attrs={"porder": 2.0, "asvector": True}),
        [helper.make_node("ReduceSum", ["x"], ["fetch_name_0"], keepdims=0)],
        "",
    ),
    "norm over the last axis": (
        single("pd_op.p_norm", "", attrs={"porder": 2.0, "asvector": True}),
        [ints("axes", -1), helper.make_node("ReduceSum", ["x", "axes"], ["fetch_name_0"], keepdims=0)],
        "ReduceSum over the axes [-1], and the model's norm is over everything: write x.square().sum(axis=[0, 1]).sqrt()",
    ),
    "gelu": (
        single("pd_op.gelu", "S0; 4", attrs={"approximate": False}),
        [helper.make_node("Erf", ["x"], ["fetch_name_0"])],
        "",
    ),
    "gelu by tanh": (
        single("pd_op.gelu", "S0; 4", attrs={"approximate": True}),
        [helper.make_node("Erf", ["x"], ["fetch_name_0"])],
        "Erf, and the model's gelu has approximate=True",
    ),
    "conv transpose": (
        single("pd_op.conv2d_transpose", "S0; 8", extra="2"),
        [helper.make_node("ConvTranspose", ["x", "x"], ["fetch_name_0"], strides=[2, 2])],
        "",
    ),
}


@pytest.mark.parametrize(("program", "nodes", "says"), WRONG.values(), ids=WRONG)
def test_what_the_converter_baked_in_is_told_at_the_line_of_the_op(
    program: Program, nodes: list[Node], says: str
) -> None:
    aligned = Aligned(model(*nodes), program.conversion)
    found = lint.problems(aligned)
    if not says:
        assert found == []  # `output_size` is the operand after the weights, and this is the weights
        return
    (problem,) = found
    assert str(problem.said).startswith(says)
    assert problem.op is not None
    site = aligned.site(problem.op)
    assert site is not None and site.line == 21


def transposed(*kept: str) -> tuple[Aligned, Node]:
    program = Program(Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9"))
    x = program.input("x", "S0; 3; S1; S2")
    weight = program.op("builtin.parameter", (), "3; 4; 3; 3", named="w")
    program.line = 21
    size = program.stack([], "Mul(S1, 2); Mul(S2, 2)")
    up = program.op("pd_op.conv2d_transpose", (x, weight, size), "S0; 4; Mul(S1, 2); Mul(S2, 2)")
    program.conversion.outputs = (up,)
    options = {name: [1, 1] for name in kept}
    node = helper.make_node("ConvTranspose", ["x", "w"], ["fetch_name_0"], strides=[2, 2], **options)
    return Aligned(model(node, shape=(None, 3, None, None)), program.conversion), node


def test_an_output_size_that_was_lost_is_told() -> None:
    (problem,) = lint.problems(transposed()[0])
    assert str(problem.said).startswith("ConvTranspose without the model's output_size (2*x[2], 2*x[3])")
    assert lint.problems(transposed("output_padding")[0]) == []


def test_an_output_that_no_node_makes_is_told_at_the_line_of_its_op() -> None:
    aligned = Aligned(model(EXP, HANDED_ON), two_relus().conversion)
    (problem,) = lint.problems(aligned)
    assert str(problem.said) == "no node makes fetch_name_0: the converter left its op out"
    site = aligned.site(problem.op or 0)
    assert site is not None and site.line == 13


def test_what_a_block_takes_and_nothing_makes_is_told() -> None:
    made = branching()
    for node in made.graph.node[0].attribute[1].g.node:  # the other side
        node.input[0], node.output[0] = node.output[0], "lost"
    problems = lint.problems(Aligned(made, branches().conversion))
    assert sorted(problem.node for problem in problems) == [f"p2o.sub_block.pd_op.{op}.0.0" for op in ("if", "relu")]


@pytest.mark.parametrize(("kind", "found"), [("Relu", ["pd_op.relu"]), ("Exp", ["pd_op.exp"]), ("Loop", [])])
def test_the_ops_of_the_kind_that_openvino_names_are_looked_up(kind: str, found: list[str]) -> None:
    aligned = Aligned(model(EXP, HANDED_ON, RELU), two_relus().conversion)
    ops = aligned.of_kind_in(f"Failed operations detailed log: -- {kind}-17 with a message: Check")
    assert [aligned.conversion.ops[op].name for op in ops] == found


@pytest.mark.parametrize(
    "nodes",
    [
        [ints("shape", -1, 4), helper.make_node("Reshape", ["x", "shape"], ["fetch_name_0"])],
        [ints("shape", 1, 4), helper.make_node("Expand", ["x", "shape"], ["fetch_name_0"])],
        [helper.make_node("Expand", ["x", "computed"], ["fetch_name_0"])],
        [ints("times", 1, 2), helper.make_node("Tile", ["x", "times"], ["fetch_name_0"])],
    ],
)
def test_nothing_is_told_of_what_is_right(nodes: list[Node]) -> None:
    assert lint.problems(Aligned(model(*nodes), single("pd_op.reshape", "S0; 4").conversion)) == []


def test_an_axis_of_an_input_that_was_fixed_is_told() -> None:
    aligned = Aligned(model(EXP, HANDED_ON, RELU, shape=(8, 4)), two_relus().conversion)
    (problem,) = lint.problems(aligned)
    assert str(problem.said) == "the input x has 8 on axis 0; its spec leaves that axis unknown"
    assert lint.problems(Aligned(model(EXP, HANDED_ON, RELU, shape=(-1, 4)), two_relus().conversion)) == []


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any, Program], list[str]]:
    """Writes a file and its trace, and gives their paths."""

    def write(made: Any, program: Program) -> list[str]:
        onnx.save(made, str(tmp_path / "model.onnx"))
        program.trace.save(tmp_path / "out.trace")
        return [str(tmp_path / "model.onnx"), str(tmp_path / "out.trace")]

    return write


@RUNS
@pytest.mark.parametrize("unknown", [None, -1])  # Paddle2ONNX's optimizer writes -1
def test_dims_are_named_and_nodes_have_their_line_in_a_file_that_all_accept(
    written: Callable[[Any, Program], list[str]], tmp_path: Path, unknown: int | None
) -> None:
    import onnxruntime

    out = tmp_path / "readable.onnx"
    assert main(["onnx", *written(model(EXP, HANDED_ON, RELU, shape=(unknown, 4)), two_relus()), "-o", str(out)]) == 0

    readable = onnx.load(str(out))
    onnx.checker.check_model(readable, full_check=True)
    assert readable.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "x_0"
    inner = {each.name: each for each in readable.graph.value_info}["p2o.pd_op.exp.0.0"]
    assert [dim.dim_param or dim.dim_value for dim in inner.type.tensor_type.shape.dim] == ["x_0", 4]
    assert [node.doc_string.splitlines()[0].rpartition("/")[2] for node in readable.graph.node] == [
        "decoder.py:12: ",
        "decoder.py:12: ",
        "decoder.py:13: ",
    ]
    onnxruntime.InferenceSession(str(out))


def test_a_number_that_onnx_has_in_another_rank_is_left_alone() -> None:
    program = single("pd_op.sum", "")
    total = helper.make_node("ReduceSum", ["x"], ["fetch_name_0"], keepdims=1)
    aligned = Aligned(model(total), program.conversion)
    assert annotate.annotate(aligned).dims == 1  # that of the input
    onnx.checker.check_model(aligned.model, full_check=True)


def test_a_file_of_another_export_is_refused(written: Callable[[Any, Program], list[str]]) -> None:
    other = two_relus()
    other.conversion.inputs.clear()
    with pytest.raises(UsageError, match="no conversion in the trace has the inputs of"):
        names.read(written(model(EXP, HANDED_ON, RELU), other)[0], other.trace)


def test_the_command_exits_with_3_where_the_file_is_wrong(
    written: Callable[[Any, Program], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    program, nodes, says = WRONG["expand"]
    assert main(["onnx", *written(model(*nodes), program)]) == 3
    assert f"decoder.py:21: Expand Expand.0: {says}" in capsys.readouterr().out


def verified(files: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["verify", "--json", "--onnx", files[0], "--trace", files[1], "--size", "batch=2"])
    result = json.loads(capsys.readouterr().out)
    assert [engine["name"] for engine in result["engines"]] == ["jit.load", "onnxruntime"]
    assert result["engines"][0]["ok"] is None
    return code, result["engines"][1]


@RUNS
def test_a_file_that_has_the_shapes_of_the_trace_passes(
    written: Callable[[Any, Program], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    code, engine = verified(written(model(EXP, HANDED_ON, RELU), two_relus()), capsys)
    assert (code, engine["ok"], engine["sizes"]) == (0, True, [{"batch": 2}])


@RUNS
def test_what_is_wrong_in_a_file_that_has_the_shapes_is_told_with_its_line(
    written: Callable[[Any, Program], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    program, nodes, says = WRONG["slope"]
    _, engine = verified(written(model(*nodes), program), capsys)
    assert (engine["ok"], engine["place"]["line"], engine["place"]["op"]) == (True, 21, "pd_op.leaky_relu")
    assert says in engine["says"]


@RUNS
def test_the_first_tensor_of_another_shape_is_told_with_both(
    written: Callable[[Any, Program], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    cut = helper.make_node("Gather", ["x", "rows"], ["Exp.1"], name="Gather.0", axis=0)
    code, engine = verified(written(model(ints("rows", 0), cut, HANDED_ON, RELU), two_relus()), capsys)

    assert (code, engine["ok"], engine["stage"]) == (3, False, "compare")
    assert engine["says"] == "pd_op.exp gives [1, 4]; the model gives [2, 4] (x[0], 4)"
    assert (engine["place"]["line"], engine["place"]["op"], engine["place"]["layer"]) == (12, "pd_op.exp", "/Detector/")


@RUNS
def test_the_op_that_fails_is_told_with_what_was_baked_in(
    written: Callable[[Any, Program], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    program, nodes, says = WRONG["tile"]
    code, engine = verified(written(model(*nodes), program), capsys)

    assert (code, engine["ok"], engine["stage"]) == (
        3,
        False,
        "load",
    )  # onnxruntime computes with constants when it loads
    assert says in engine["says"]
    assert (engine["place"]["line"], engine["place"]["op"]) == (21, "pd_op.tile")
