"""Which findings are one, and which records each is about."""

from __future__ import annotations

import msgspec
import networkx
import pytest

from shapetrace import Trace, graph, rules
from shapetrace.reports import drawing, html
from shapetrace.rules import registry
from shapetrace.trace import DimRef, Finding
from tests.leaking_traces import Leaks
from tests.reports.test_drawing import words


def helper_called_twice() -> Trace:
    """`make(x.shape[0] + 9)` and `make(x.shape[1] + 5)`, where `make` says `paddle.zeros([n])`."""
    leaks = Leaks()
    first = leaks.computed("+", DimRef(leaks.read(0)), 9, 8, "x.shape[0] + 9", line=7)
    second = leaks.computed("+", DimRef(leaks.read(1)), 5, 4, "x.shape[1] + 5", line=8)
    leaks.used(first, "zeros", "shape")
    leaks.used(second, "zeros", "shape")
    leaks.trace.findings = rules.check(leaks.trace)
    return leaks.trace


def one_expression_over_each_axis() -> Trace:
    """`[paddle.zeros([n + 3]) for n in x.shape]`: the same text, the same place, two dims."""
    leaks = Leaks()
    for axis in (0, 1):
        leaks.used(leaks.computed("+", DimRef(leaks.read(axis)), 3, 2, "n + 3"), "zeros", "shape")
    leaks.trace.findings = rules.check(leaks.trace)
    return leaks.trace


def one_layer_three_times() -> Trace:
    leaks = Leaks()
    read = leaks.read(0)
    for layer in ("/A/", "/B/", "/C/"):
        dim = leaks.computed("+", DimRef(read), 3, 2, "n + 3")
        leaks.used(dim, "zeros", "shape", layer=layer)
    leaks.trace.findings = rules.check(leaks.trace)
    return leaks.trace


def test_two_dims_at_one_place_are_two_findings() -> None:
    found = one_expression_over_each_axis().findings
    assert [(item.count, [root.symbol for root in item.roots]) for item in found] == [(1, ["x[0]"]), (1, ["x[1]"])]


def test_one_dim_at_one_place_is_one_finding_of_all_its_uses() -> None:
    (found,) = one_layer_three_times().findings
    assert (found.count, found.layers, found.uses) == (3, ("/A/", "/B/", "/C/"), (0, 1, 2))


def test_the_same_computation_with_other_numbers_is_another_finding() -> None:
    leaks = Leaks()
    read = leaks.read(0)
    for number in (3, 4):
        leaks.used(leaks.computed("+", DimRef(read), number, number - 1, "n + k"), "zeros", "shape")
    assert [item.symbolic for item in rules.check(leaks.trace)] == ["x[0] + 3", "x[0] + 4"]


@pytest.mark.parametrize(("place", "axis", "arithmetic"), [(0, "x[0]", "-1 + 9 = 8"), (1, "x[1]", "-1 + 5 = 4")])
def test_each_finding_is_shown_with_its_own_way(place: int, axis: str, arithmetic: str) -> None:
    trace = helper_called_twice()
    found = trace.findings[place]
    way = graph.finding_slice(trace, found)
    assert [node for node, data in way.nodes(data=True) if data["kind"] == "input-axis"] == [f"c0/{axis}"]
    assert [data["arithmetic"] for _, data in way.nodes(data=True) if data["kind"] == "expression"] == [arithmetic]
    picture = words(drawing.finding(trace, found, "dot"))
    assert arithmetic in picture and f"x, axis {found.roots[0].axis}" in picture
    view = html.findings.view(trace, place, html.catalog("en"))
    assert [reading.axis for reading in view.readings] == [found.roots[0].axis]


def test_the_graph_of_a_trace_has_all_uses_of_a_finding() -> None:
    whole = graph.build(one_layer_three_times())
    assert sorted(whole.predecessors("f0")) == ["u0", "u1", "u2"]


def test_a_slice_shows_one_of_the_ways() -> None:
    trace = one_layer_three_times()
    way = graph.finding_slice(trace, trace.findings[0])
    assert list(way.predecessors("f0")) == ["u0"]


def product_of_two_axes() -> Trace:
    leaks = Leaks("S0; S1; S2")
    first, second = leaks.read(1), leaks.read(2)
    leaks.used(leaks.computed("*", DimRef(first), DimRef(second), 1, "h * w"), "zeros", "shape")
    leaks.trace.findings = rules.check(leaks.trace)
    return leaks.trace


def test_two_axes_of_one_input_are_two_boxes_with_an_arrow_each() -> None:
    trace = product_of_two_axes()
    way = graph.finding_slice(trace, trace.findings[0])
    drawing._join(way)
    axes = [node for node, data in way.nodes(data=True) if data["kind"] == "input-axis"]
    assert axes == ["c0/x[1]", "c0/x[2]"]
    assert [(list(way.successors(node)), way.nodes[node]["symbolic"]) for node in axes] == [
        (["d0"], "x[1]"),
        (["d1"], "x[2]"),
    ]


def test_two_axes_that_go_through_one_op_keep_their_arrows() -> None:
    leaks = Leaks("S0; S1; S2")
    leaks.tensor = leaks.program.op("pd_op.relu", (leaks.tensor,), "S0; S1; S2")
    first, second = leaks.read(1), leaks.read(2)
    leaks.used(leaks.computed("*", DimRef(first), DimRef(second), 1, "h * w"), "zeros", "shape")
    leaks.trace.findings = rules.check(leaks.trace)
    way = graph.finding_slice(leaks.trace, leaks.trace.findings[0])
    (edge,) = (data for *_, data in way.edges(data=True) if data["kind"] == "operand")
    assert (edge["axes"], edge["symbolic"]) == ("1,2", "x[1], x[2]")
    drawing._join(way)
    arrows = {(a, data["symbolic"]) for a, b, data in way.edges(data=True) if way.nodes[a]["kind"] == "input-axis"}
    assert arrows == {("c0/x[1]", "x[1]"), ("c0/x[2]", "x[2]")}
    assert networkx.is_weakly_connected(way)


class TestASecondBuild:
    def test_counts_in_place_of_the_first(self) -> None:
        trace = one_expression_over_each_axis()
        again = [msgspec.structs.replace(item, count=5, uses=(99,)) for item in trace.findings]
        found = rules.check(trace, again)
        assert [(item.count, item.uses) for item in found] == [(5, (0,)), (5, (1,))]

    def test_knows_a_dim_that_the_first_could_not_name(self) -> None:
        trace = one_layer_three_times()
        for value in trace.conversions[0].values:
            value.dims = None
        (found,) = rules.check(trace, [msgspec.structs.replace(trace.findings[0], count=7, symbolic="x[0] + 3")])
        assert found.count == 7

    def test_what_it_alone_found_leads_to_no_record(self) -> None:
        trace = one_layer_three_times()
        other = msgspec.structs.replace(trace.findings[0], expression="other", uses=(99,), ops=(99,))
        found = rules.check(trace, [other])[-1]
        assert (found.expression, found.uses, found.ops) == ("other", (), ())


def test_a_finding_of_a_plugin_may_only_be_about_what_is_there() -> None:
    trace = one_layer_three_times()
    rule = registry.Rule("ACME1", "a title", "error", lambda trace: [], "a page")
    registry._sound(Finding("ACME1", "error", "a message", uses=(2,)), rule, trace)
    with pytest.raises(ValueError, match="a use of a finding has the index 3, and there are 3"):
        registry._sound(Finding("ACME1", "error", "a message", uses=(3,)), rule, trace)
