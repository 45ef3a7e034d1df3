"""Imports point down the layout that docs/architecture/overview.md gives, and never in a circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import networkx

import shapetrace

PACKAGE = Path(shapetrace.__file__).parent
LAYOUT = (PACKAGE.parent / "docs/architecture/overview.md").read_text("utf-8")
LAYERS = re.findall(r"^  (\w+)", LAYOUT.partition("```text\nshapetrace/\n")[2].partition("```")[0], re.MULTILINE)
"""What stands in the package, from the top of the layout to its ground."""


def modules() -> dict[str, Path]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
    }


MODULES = modules()


def imports(module: str) -> Iterator[tuple[str, int]]:
    """The modules that a module imports, anywhere in it, and the line of each: in functions and for types as well."""
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield (name if name in MODULES else node.module), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno


EDGES = [(module, name, line) for module in MODULES for name, line in imports(module) if name in MODULES]


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def test_the_layout_names_all_there_is() -> None:
    assert sorted(LAYERS) == sorted({layer(module) for module in MODULES})


def test_no_import_points_up() -> None:
    rank = {name: position for position, name in enumerate(LAYERS)}
    up = [
        f"{module}:{line} imports {name}"
        for module, name, line in EDGES
        if layer(module) != layer(name) and rank[layer(name)] <= rank[layer(module)]
    ]
    assert not up, "\n".join(up)


def test_no_circle() -> None:
    graph = networkx.DiGraph([(module, name) for module, name, _ in EDGES])
    assert [sorted(part) for part in networkx.strongly_connected_components(graph) if len(part) > 1] == []
