"""Writes a provenance graph for other tools."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx

_NOT_XML = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Compiled where it is used: that takes longer than importing this module."""


def graphml(graph: networkx.DiGraph[str]) -> str:
    """The graph as GraphML. Characters that XML cannot hold are replaced."""
    import networkx

    clean = networkx.relabel_nodes(graph, _clean)
    for holder in (clean.nodes, clean.edges):
        for element in holder:
            attributes = holder[element]
            attributes.update({key: _clean(value) for key, value in attributes.items() if isinstance(value, str)})
    out = io.BytesIO()
    networkx.write_graphml_xml(clean, out)
    return out.getvalue().decode("utf-8")


def node_link(graph: networkx.DiGraph[str]) -> str:
    """The graph as JSON, in the form of networkx' `node_link_data`, with the edges under `edges`."""
    nodes = [{"id": node, **attributes} for node, attributes in graph.nodes(data=True)]
    edges = [{"source": a, "target": b, **attributes} for a, b, attributes in graph.edges(data=True)]
    return json.dumps(
        {"directed": True, "multigraph": False, "graph": {}, "nodes": nodes, "edges": edges}, ensure_ascii=True
    )


def _clean(text: str) -> str:
    return re.sub(_NOT_XML, "\ufffd", text)
