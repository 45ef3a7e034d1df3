"""The provenance graph: where a number came from, and where it went."""

from __future__ import annotations

import io
import json

import msgspec
import networkx
import pytest

import written_graphs
from shapetrace import Trace, graph
from shapetrace.errors import UsageError
from shapetrace.trace import Conversion, Input, Op, Symbol, Value
from tests.example_traces import Program, healthy_trace, leaky_trace


def ways(steps: list[graph.WhyStep]) -> list[str]:
    return [f"{step.op.removeprefix('pd_op.')} {step.symbolic}" for step in steps]


class TestBuild:
    def test_every_kind_of_node_is_there(self) -> None:
        kinds = {data["kind"] for _, data in graph.build(leaky_trace()).nodes(data=True)}
        assert kinds == {"input-axis", "tensor", "op", "dim", "expression", "argument", "finding"}

    def test_the_guilty_number_can_be_followed_from_the_input_to_the_finding(self) -> None:
        found = graph.build(leaky_trace())
        way = networkx.shortest_path(found, "c0/image[0]", "f0")
        assert [found.nodes[node]["kind"] for node in way[-5:]] == [
            "tensor",
            "dim",
            "expression",
            "argument",
            "finding",
        ]
        assert found.nodes[way[-3]]["arithmetic"] == "-1 * 8 = -8"
        assert found.nodes[way[-3]]["symbolic"] == "8*image[0]"

    def test_slices(self) -> None:
        found = graph.build(leaky_trace())
        assert "f0" in graph.forward(found, "d0") and "c0/t0" not in graph.forward(found, "d0")
        assert "c0/image[0]" in graph.backward(found, "d0") and "f0" not in graph.backward(found, "d0")

    def test_an_unknown_node_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(UsageError, match="no node 'c0/t99'; did you mean"):
            graph.forward(graph.build(leaky_trace()), "c0/t99")
        with pytest.raises(UsageError, match=r"no node 'c0/t'; did you mean c0/t\d or c0/t\d or c0/t\d\?$"):
            graph.forward(graph.build(leaky_trace()), "c0/t")

    def test_a_trace_of_nothing_is_an_empty_graph(self) -> None:
        assert len(graph.build(Trace())) == 0


@pytest.mark.parametrize("asked", ["st101", "utils.py:163", "detector/utils.py:163"])
def test_a_finding_is_asked_for_by_its_rule_or_its_place(asked: str) -> None:
    trace = leaky_trace()
    ((tensor, axis),) = graph.dims(trace, asked)
    assert (tensor.index, axis) == (trace.dims[0].tensor, trace.dims[0].axis)
    trace.findings[0] = msgspec.structs.replace(trace.findings[0], reads=())
    with pytest.raises(UsageError, match="goes back to no dim of a tensor"):
        graph.dims(trace, asked)


def test_a_dim_is_asked_for_by_its_name() -> None:
    trace = leaky_trace()
    (symbol,) = trace.conversions[0].symbols
    trace.conversions[0].symbols = [msgspec.structs.replace(symbol, name="B")]
    ((tensor, axis),) = graph.dims(trace, "B")
    assert (tensor.name, axis) == ("image", 0)


def test_a_place_without_a_finding_is_told_with_the_tensors_that_are_made_there() -> None:
    with pytest.raises(
        UsageError, match=r"no finding at decoder.py:96; tensors that are made there: %\d+ \[image\[0\], "
    ):
        graph.dims(leaky_trace(), "decoder.py:96")


def test_the_slice_of_a_finding_holds_its_way_and_nothing_else() -> None:
    trace = leaky_trace()
    way = graph.finding_slice(trace, trace.findings[0])
    assert all(data["guilty"] for *_, data in way.edges(data=True))
    assert not any(data["label"].startswith("linear") for _, data in way.nodes(data=True))
    assert networkx.is_weakly_connected(way)


def test_a_finding_without_a_recorded_use_is_drawn_from_its_chain() -> None:
    trace = leaky_trace()
    trace.findings[0] = msgspec.structs.replace(trace.findings[0], uses=())
    way = graph.finding_slice(trace, trace.findings[0])
    assert [data["kind"] for _, data in way.nodes(data=True)] == ["finding", "input-axis", "dim", "expression"]


class TestWhy:
    def test_a_dim_comes_from_its_input_axis(self) -> None:
        steps = graph.why(leaky_trace(), "%19", 0)
        assert ways(steps) == [
            "flatten 8*image[0]",
            "transpose image[0]",
            "reshape image[0]",
            "matmul image[0]",
            "transpose image[0]",
            "flatten image[0]",
            "conv2d image[0]",
            "data image[0]",
        ]
        assert steps[-1].origin == "input"
        assert steps[-1].note == "axis 0 of the input image"
        assert steps[0].site is not None and steps[0].site.line == 161

    def test_a_constant_comes_from_the_number_in_the_program(self) -> None:
        steps = graph.why(leaky_trace(), "%17", 2)
        assert ways(steps) == ["reshape 8", "stack 8", "full 8"]
        assert steps[-1].note == "the constant 8"
        assert steps[1].held

    def test_a_tensor_is_named_by_itself_its_name_or_its_index(self) -> None:
        trace = leaky_trace()
        tensor = trace.conversions[0].tensors[19]
        assert ways(graph.why(trace, tensor, 0)) == ways(graph.why(trace, 19, 0)) == ways(trace.why("%19", -3))

    @pytest.mark.parametrize(
        ("tensor", "axis", "sentence"),
        [
            ("imag", 0, "no tensor 'imag' in the trace; did you mean image?"),
            ("%19", 3, r"%19 \[8\*image\[0\], 32, 400\] has no axis 3: it has axes 0 to 2"),
            ("%2", 9, r"%2 \[-1, 256, 20, 20\] has no axis 9: it has axes 0 to 3$"),
            (999, 0, "no tensor 999: they are numbered from 0 to 19"),
            ("%8", 1, r"%8 \[3\] has no axis 1: it has one axis, 0$"),
            ("%11", 0, r"%11 \[\] has no axis 0: it has no axes$"),
        ],
    )
    def test_what_is_not_there_is_refused(self, tensor: str | int, axis: int, sentence: str) -> None:
        trace = leaky_trace()
        trace.conversions[0].values[2].dims = None
        with pytest.raises(UsageError, match=sentence):
            graph.why(trace, tensor, axis)

    def test_says_where_a_dynamic_dim_turned_constant(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0; 8")
        baked = program.op("pd_op.reshape", (x, program.constant("1; 8")), "1; 8")
        steps = graph.why(program.trace, baked, 0)
        assert steps[0].turned == "constant"
        assert steps[0].note == "turned constant here: x[0] became 1"
        assert steps[-1].note == "the constant 1"

    def test_says_where_a_constant_turned_dynamic(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0; 8")
        query = program.op("builtin.parameter", (), "1; 8", named="query")
        batch = program.read(x, "S0; 8", 0, "S0")
        shape = program.stack([batch, program.op("pd_op.full", (), "", data="8")], "S0; 8")
        steps = graph.why(program.trace, program.op("pd_op.expand", (query, shape), "S0; 8"), 0)
        assert steps[0].note == "turned dynamic here: 1 became x[0]"
        assert ways(steps) == ["expand x[0]", "stack x[0]", "slice x[0]", "shape64 x[0]", "data x[0]"]

    def test_of_equal_sizes_the_one_that_was_read_is_followed(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0; S0; 8")
        made = program.op("pd_op.full", (program.read(x, "S0; S0; 8", 1, "S0"),), "S0")
        assert graph.why(program.trace, made, 0)[-1].note == "axis 1 of the input x"

    def test_branches_where_dims_were_merged(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0; S1; 8")
        merged = program.op("pd_op.flatten", (x,), "Mul(S0, S1); 8")
        steps = graph.why(program.trace, merged, 0)
        assert steps[0].via == (1, 2)
        assert [step.note for step in steps[1:]] == ["axis 0 of the input x", "axis 1 of the input x"]

    def test_what_is_looked_up_has_the_axes_of_its_index(self) -> None:
        program = Program(Trace())
        table, index = program.input("table", "S0; S1; 8"), program.input("index", "S0; 300; 2")
        found = program.op("pd_op.gather_nd", (table, index), "S0; 300; 8")
        assert graph.why(program.trace, found, 0)[-1].note == "axis 0 of the input index"
        assert graph.why(program.trace, found, 2)[-1].note == "axis 2 of the input table, fixed by the input spec"

    def test_goes_through_both_branches_of_an_if(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0; 8")
        condition = program.op("pd_op.any", (x,), "")
        index = len(program.conversion.ops)
        chosen = program.op("pd_op.if", (condition,), "S0; 8")
        for block, name in enumerate(("pd_op.relu", "pd_op.tanh")):
            program.parent, program.block = index, block
            program.op("cf.yield", (program.op(name, (x,), "S0; 8"),))
        assert ways(graph.why(program.trace, chosen, 0)) == ["if x[0]", "relu x[0]", "data x[0]", "tanh x[0]"]

    def test_goes_round_a_loop_once(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0; 8")
        condition = program.op("pd_op.any", (x,), "")
        index = len(program.conversion.ops)
        last = program.op("pd_op.while", (condition, x), "S0; 8")
        carried = program.value(index, "S0; 8")
        program.parent = index
        program.op("cf.yield", (condition, program.op("pd_op.scale", (carried,), "S0; 8")))
        steps = graph.why(program.trace, last, 0)
        assert ways(steps) == ["while x[0]", "scale x[0]", "while x[0]", "data x[0]"]

    def test_a_dim_born_of_data_ends_at_its_op(self) -> None:
        program = Program(Trace())
        x = program.input("x", "S0")
        found = program.op("pd_op.nonzero", (x,), "S9; 1")
        program.conversion.symbols.append(Symbol("S9", "u0", op=1))
        assert graph.why(program.trace, found, 0)[-1].note == "known only when the model runs: pd_op.nonzero makes it"

    def test_without_symbolic_shapes_the_axis_is_followed(self) -> None:
        ops = [Op("pd_op.data", (), (0,)), Op("pd_op.relu", (0,), (1,))]
        values = [Value(0, "float32", (-1, 8), name="x"), Value(1, "float32", (-1, 8))]
        trace = Trace(conversions=[Conversion("f", inputs=[Input("x", (-1, 8))], ops=ops, values=values)])
        assert ways(graph.why(trace, 1, 0)) == ["relu -1", "data -1"]

    def test_a_deep_program_is_no_problem(self) -> None:
        assert len(graph.why(healthy_trace(blocks=400), "fetch_0", 0)) == 2002


def test_layers_collapse() -> None:
    small = graph.collapse(graph.build(healthy_trace(blocks=3)), depth=3)
    layers = {data["label"]: data["ops"] for _, data in small.nodes(data=True) if data["kind"] == "layer"}
    assert layers["/Detector/Decoder/DecoderLayer_0/"] == layers["/Detector/Decoder/DecoderLayer_2/"] == 15
    assert small.has_edge("c0/Detector/Decoder/DecoderLayer_0/", "c0/Detector/Decoder/DecoderLayer_1/")


def test_layers_collapse_around_what_is_no_part_of_one() -> None:
    whole: networkx.DiGraph[str] = networkx.DiGraph()
    whole.add_node("axis", kind="input-axis")
    whole.add_node("features", kind="tensor", layer="/Backbone/", symbolic="[B, 4]")
    whole.add_node("linear", kind="op", layer="/Head/")
    whole.add_node("reshape", kind="op", layer="/Head/", failed=True)
    whole.add_edges_from([("axis", "features"), ("features", "linear"), ("features", "reshape")])
    small = graph.collapse(whole, depth=1)
    assert set(small) == {"axis", "c0/Backbone/", "c0/Head/", "reshape"}
    assert small.edges["c0/Backbone/", "c0/Head/"]["symbolic"] == "[B, 4]"
    assert small.edges["c0/Backbone/", "reshape"]["symbolic"] == "[B, 4]"


def test_exports_read_back_whatever_the_names() -> None:
    trace = leaky_trace()
    trace.conversions[0].values[0].name = 'a "quoted" <script>\x00\ud800\u202e' + "x" * 10_000
    whole = graph.build(trace)
    again = networkx.read_graphml(io.BytesIO(graph.graphml(whole).encode()))
    assert len(again) == len(whole) and again.number_of_edges() == whole.number_of_edges()
    data = json.loads(graph.node_link(whole))
    assert len(data["nodes"]) == len(whole) and len(data["edges"]) == whole.number_of_edges()


@pytest.mark.parametrize("name", written_graphs.PROGRAMS)
def test_the_graph_of_a_program_is_the_one_on_file(name: str) -> None:
    kept = (written_graphs.GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert written_graphs.seen(name).splitlines() == kept.splitlines()
