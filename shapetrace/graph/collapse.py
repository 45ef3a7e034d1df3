"""Makes a graph small by layer: all the ops and tensors of one layer become one node."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx


def layer_at(path: str, depth: int) -> str:
    """The first `depth` parts of a layer path: `/Decoder/Linear/` at depth 1 is `/Decoder/`."""
    parts = [part for part in path.split("/") if part][:depth]
    return "/" + "".join(f"{part}/" for part in parts)


def collapse(graph: networkx.DiGraph[str], depth: int) -> networkx.DiGraph[str]:
    """Join the ops and tensors of each layer into one node.

    Nodes of kind `layer` have the `layer` they stand for, and how many `ops` and `tensors` are in it. Edges between
    them count what they stand for in `count`, and hold the different symbolic shapes that cross, up to three, in
    `symbolic`.
    What is neither op nor tensor stays as it is.

    Args:
        graph: A graph as `build` makes it. It is not changed.
        depth: How many parts of the layer path stay apart; 0 joins each whole conversion.
    """
    import networkx

    result: networkx.DiGraph[str] = networkx.DiGraph()
    target: dict[str, str] = {}
    for node, attributes in graph.nodes(data=True):
        if attributes["kind"] not in ("op", "tensor") or attributes.get("failed"):
            target[node] = node
            result.add_node(node, **attributes)
            continue
        layer = layer_at(str(attributes.get("layer", "")), depth)
        conversion = attributes.get("conversion", 0)
        joined = target[node] = f"c{conversion}{layer}"
        if joined not in result:
            result.add_node(
                joined, kind="layer", label=layer, layer=layer, conversion=conversion, ops=0, tensors=0, line=0
            )
        counted = "ops" if attributes["kind"] == "op" else "tensors"
        result.nodes[joined][counted] += 1
    for source, end, attributes in graph.edges(data=True):
        a, b = target[source], target[end]
        if a == b:
            continue
        tensor = source if graph.nodes[source]["kind"] == "tensor" else end
        shape = str(attributes.get("symbolic") or graph.nodes[tensor].get("symbolic", ""))
        if not result.has_edge(a, b):
            result.add_edge(a, b, **{**attributes, "kind": "flow", "count": 0, "symbolic": ""})
        edge = result.edges[a, b]
        edge["count"] += 1
        shapes = [part for part in edge["symbolic"].split("; ") if part]
        if shape and shape not in shapes and shapes[-1:] != ["..."]:
            shapes.append(shape if len(shapes) < 3 else "...")
            edge["symbolic"] = "; ".join(shapes)
    return result
