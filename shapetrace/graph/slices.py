"""Cuts a provenance graph down: to what one node led to, to what led to it, or to the way of one dim."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from shapetrace import symbolic
from shapetrace.errors import UsageError
from shapetrace.graph.build import Builder, dims_of, place_in_code
from shapetrace.graph.operands import Lookup, Slot
from shapetrace.graph.why import WhyStep, chain
from shapetrace.said import joined, said
from shapetrace.trace import Finding, Trace
from shapetrace.trace.dims import DimExpressions

if TYPE_CHECKING:
    import networkx


def forward(graph: networkx.DiGraph[str], node: str) -> networkx.DiGraph[str]:
    """A node and all that it led to.

    Raises:
        UsageError: There is no such node.
    """
    import networkx

    start = _known(graph, node)
    return graph.subgraph(networkx.descendants(graph, start) | {start}).copy()


def backward(graph: networkx.DiGraph[str], node: str) -> networkx.DiGraph[str]:
    """A node and all that led to it.

    Raises:
        UsageError: There is no such node.
    """
    import networkx

    start = _known(graph, node)
    return graph.subgraph(networkx.ancestors(graph, start) | {start}).copy()


def _known(graph: networkx.DiGraph[str], node: str) -> str:
    if node in graph:
        return node
    near = difflib.get_close_matches(node, list(graph))
    hint = said("did you mean {}?", joined("{} or {}", near)) if near else said("see the graph's nodes for their names")
    raise UsageError(said("the graph has no node {}; {}", repr(node), hint))


def finding_slice(trace: Trace, finding: Finding) -> networkx.DiGraph[str]:
    """The way of one finding: input axis, tensors, the dim read, what Python computed, the argument, the finding.

    Edges on the way of the guilty number have `guilty=True`. Of a finding that happened several times it is the first one's
    way. One that is about no use and no op (it is made of claims, or read from elsewhere) is drawn from its own chain.

    Args:
        trace: The trace.
        finding: One of its findings.
    """
    builder = Builder(trace)
    index = next((place for place, item in enumerate(trace.findings) if item == finding), None)
    if index is None or not (finding.uses or finding.ops):
        _from_chain(builder, finding)
        return builder.graph
    builder.finding(index, most=1)
    dims = DimExpressions(trace)
    used = [dim for use in finding.uses[:1] for dim in dims_of(trace.uses[use])]
    reads = [trace.dims[index] for dim in used for index in dims.reads(dim)]
    for conversion, slot in dict.fromkeys((read.conversion, Slot(read.tensor, read.axis)) for read in reads):
        if conversion >= 0 and slot.value >= 0:
            add_way(builder, conversion, chain(trace.conversions[conversion], slot))
    for op in finding.ops[:1]:
        _into_op(builder, finding, op)
    return builder.graph


def _into_op(builder: Builder, finding: Finding, op: int) -> None:
    """Add the ways of the dims of a finding's roots into an op, through each of its operands that has them."""
    conversion = builder.trace.conversions[finding.conversion]
    lookup = Lookup(conversion)
    names = {root.symbol for root in finding.roots}
    wanted = {symbol.key for symbol in conversion.symbols if symbol.name in names}
    for slot in (slot for value in lookup.operands(conversion.ops[op]) for slot in lookup.axes(value)):
        if symbolic.symbols(lookup.expression(slot)) & wanted:
            way = chain(conversion, slot)
            add_way(builder, finding.conversion, way)
            ends = builder.tensor(finding.conversion, slot.value), builder.op(finding.conversion, op)
            builder.edge(*ends, "operand", axis=slot.axis, symbolic=way[0].symbolic, guilty=True)


def add_way(builder: Builder, conversion: int, steps: list[WhyStep]) -> None:
    """Add the way of one dim: its tensors, and between them the ops that pass it on."""
    for step in steps:
        target = builder.tensor(conversion, step.tensor.index)
        if step.origin == "input":
            if not step.symbolic.isdigit():
                name = step.tensor.name
                source = builder.input_axis(conversion, name, step.axis, step.symbolic)
                builder.edge(source, target, "axis", axis=step.axis, symbolic=step.symbolic, guilty=True)
            continue
        op = builder.op(conversion, builder.trace.conversions[conversion].values[step.tensor.index].op)
        if step.origin != "parameter":
            builder.edge(op, target, "result", axis=step.axis, symbolic=step.symbolic, guilty=True)
        for place in step.via:
            source = builder.tensor(conversion, steps[place].tensor.index)
            builder.edge(source, op, "operand", axis=steps[place].axis, symbolic=steps[place].symbolic, guilty=True)


def _from_chain(builder: Builder, finding: Finding) -> None:
    """Add a finding from what it says itself.

    The steps of a leak follow one another. Shapes or dtypes that do not go together stand side by side.
    """
    builder.node(
        "f",
        "finding",
        f"{finding.rule} {finding.message}",
        rule=finding.rule,
        severity=finding.severity,
        **place_in_code(finding.sink or finding.source),
    )
    last: list[str] = []
    for place, root in enumerate(finding.roots):
        label = root.symbol if root.input is None else f"{root.input}[{root.axis}]"
        builder.node(f"r{place}", "input-axis", label, symbolic=root.symbol)
        last.append(f"r{place}")
    for place, step in enumerate(finding.chain):
        kind = "part" if not finding.leaked else "dim" if place == 0 else "expression"
        builder.node(
            f"s{place}", kind, step.expression, value=step.value, symbolic=step.symbolic, **place_in_code(step.site)
        )
        if not finding.in_turn:
            last.append(f"s{place}")
            continue
        for source in last:
            held = str(builder.graph.nodes[source].get("symbolic", ""))
            builder.edge(source, f"s{place}", "computes", symbolic=held, guilty=True)
        last = [f"s{place}"]
    for source in last:
        builder.edge(source, "f", "violates", symbolic=finding.symbolic if finding.in_turn else "", guilty=True)
