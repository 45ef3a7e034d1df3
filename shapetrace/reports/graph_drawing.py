"""Draws any provenance graph: a slice, one collapsed by layer, or a whole one, which is collapsed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapetrace import graph as provenance
from shapetrace.errors import UsageError
from shapetrace.reports import canvas
from shapetrace.reports.canvas import Canvas, Line
from shapetrace.reports.palette import Theme
from shapetrace.reports.translations import worded
from shapetrace.reports.wording import counted
from shapetrace.said import said

if TYPE_CHECKING:
    import networkx

_MOST = 36  # nodes of a legible picture
_STYLES = {
    "input-axis": "input",
    "tensor": "tensor",
    "dim": "dim",
    "expression": "expression",
    "argument": "guilty",
    "finding": "guilty",
}
_KINDS = {
    "input-axis": "input axis",
    "tensor": "tensor",
    "op": "op",
    "dim": "dim",
    "expression": "expression",
    "argument": "argument",
    "finding": "finding",
}


def render(graph: networkx.DiGraph[str], format: str = "svg", theme: Theme = "light") -> str | bytes:
    """Draw a provenance graph as `Trace.graph`, or anything in `shapetrace.graph`, makes it.

    Args:
        graph: The graph. One of more nodes than can be looked at is joined by layer, and what Python did with dims is
            left out of it unless it led to a finding.
        format: `svg` and `dot` give text, `png` and `pdf` bytes.
        theme: `light` or `dark`.

    Raises:
        UsageError: The graph is empty, or too large even so; there is no such format or theme, or nothing on this
            machine can make it.
    """
    if not graph:
        raise UsageError(said("the graph is empty: there is nothing to draw"))
    drawn = graph if len(graph) <= _MOST else _joined(graph)
    title = [Line(counted(len(graph), "node"), "bold")]
    if drawn is not graph:
        title.append(Line(worded("joined to {} by layer", len(drawn))))
    picture = Canvas(theme, title)
    names = {node: picture.node(*_box(data)) for node, data in drawn.nodes(data=True)}
    for source, target, data in drawn.edges(data=True):
        value = drawn.nodes[source].get("value")
        label = str(data.get("symbolic", ""))
        if data.get("guilty") and value is not None:
            picture.edge(names[source], names[target], str(value), "guilty")
        else:
            picture.edge(names[source], names[target], label, "healthy" if label else "plain")
    return picture.rendered(format)


def _joined(graph: networkx.DiGraph[str]) -> networkx.DiGraph[str]:
    """The graph collapsed as far as it must be."""
    import networkx

    kinds: dict[str, str] = networkx.get_node_attributes(graph, "kind")
    findings = [node for node, kind in kinds.items() if kind == "finding"]
    wanted = set(findings).union(*(networkx.ancestors(graph, node) for node in findings))
    python = {node for node, kind in kinds.items() if kind in ("dim", "expression", "argument")}
    kept = graph.subgraph(set(graph) - (python - wanted))
    deepest = max(str(data.get("layer", "")).count("/") for _, data in kept.nodes(data=True))
    for depth in range(max(deepest, 1), -1, -1):
        found = provenance.collapse(kept, depth)
        if len(found) <= _MOST:
            return found
    raise UsageError(
        said(
            "the graph has {} nodes, and {} when it is joined by layer, which is too many to look at: draw "
            "a part of it, as shapetrace.graph.backward(graph, node) cuts it",
            format(len(graph), ","),
            format(len(found), ","),
        )
    )


def _box(data: dict[str, Any]) -> tuple[str, list[Line]]:
    """Style and text of a node."""
    kind, label = str(data["kind"]), str(data["label"])
    where = f"  {canvas.place(data['file'], data['line'])}" if data.get("file") else ""
    style = _STYLES.get(kind, "plain")
    if kind == "layer":
        counts = f"{counted(data['ops'], 'op')}, {counted(data['tensors'], 'tensor')}"
        return style, [Line(label.strip("/").replace("/", " / ") or worded("top level"), "bold"), Line(counts, "small")]
    lines = [Line(worded(_KINDS[kind]) + where, "small")]
    if kind == "tensor":
        return style, [*lines, Line(label, "bold"), Line(str(data["symbolic"] or data["shape"]), "code")]
    if kind in ("dim", "expression"):
        return style, [
            *lines,
            Line(label, "code"),
            Line(data.get("arithmetic") or worded("gives {}", data["value"]), "bold"),
        ]
    if kind == "argument":
        return style, [*lines, Line(f"{label} = {data['value']}", "bold")]
    return style, [*lines, Line(label, "bold")]
