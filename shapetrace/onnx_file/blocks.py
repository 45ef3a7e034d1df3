"""What stands in the blocks of an `if` or a loop: nodes of a file, and the ops of a conversion in the order that Paddle2ONNX counts them in.

It names all ops of a block when it comes to the block, before it goes on to the blocks in there: so one of an `if` that stands in another is counted
after all ops beside it. One count runs through all blocks; ops at the top have their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shapetrace.facts import ops
from shapetrace.trace import Conversion


def nodes(graph: Any) -> Iterator[Any]:
    """The nodes of a graph; after each, those in its blocks."""
    for node in graph.node:
        yield node
        for inner in _blocks(node):
            yield from nodes(inner)


def graphs(graph: Any) -> Iterator[Any]:
    """The blocks of a graph's nodes."""
    return (inner for node in nodes(graph) for inner in _blocks(node))


def _blocks(node: Any) -> Iterator[Any]:
    return (inner for attribute in node.attribute for inner in (attribute.g, *attribute.graphs))


def counted(conversion: Conversion, named: Mapping[str, int]) -> dict[str, list[int]]:
    """The ops in blocks by name, in the order that they are counted in.

    Args:
        conversion: The conversion.
        named: How many of each name the file has. An op that nothing in its block needs may be left out of what is saved: a name of which
            neither all nor the needed ones are that many is left out here.
    """
    order = list(_in_order(conversion))
    found: dict[str, list[int]] = {}
    for kept in (set(order), needed(conversion, blocks_whole=False)):
        for name, indices in _by_name(conversion, (index for index in order if index in kept)).items():
            if len(indices) == named.get(name):
                found.setdefault(name, indices)
    return found


def _by_name(conversion: Conversion, indices: Iterable[int]) -> dict[str, list[int]]:
    by_name: dict[str, list[int]] = {}
    for index in indices:
        by_name.setdefault(conversion.ops[index].name, []).append(index)
    return by_name


def _in_order(conversion: Conversion) -> Iterator[int]:
    """The ops in blocks: those of a block, and then those in the blocks in there."""
    blocks: dict[int, dict[int, list[int]]] = {}
    for index, op in enumerate(conversion.ops):
        blocks.setdefault(op.parent, {}).setdefault(op.block, []).append(index)

    def inside(parent: int) -> Iterator[int]:
        for _, indices in sorted(blocks.get(parent, {}).items()):
            yield from indices
            for index in indices:
                yield from inside(index)

    for index, op in enumerate(conversion.ops):
        if op.parent < 0:
            yield from inside(index)


def needed(conversion: Conversion, *, blocks_whole: bool = True) -> set[int]:
    """The ops that an output needs.

    Args:
        conversion: The conversion.
        blocks_whole: Whether all that stands in a block is needed where its `if` or loop is, and not only what it yields.
    """
    inside: dict[int, list[int]] = {}
    for index, op in enumerate(conversion.ops):
        if blocks_whole or op.name == ops.YIELD:
            inside.setdefault(op.parent, []).append(index)
    visited: set[int] = set()
    pending = [conversion.values[value].op for value in conversion.outputs if value >= 0]
    while pending:
        index = pending.pop()
        if index < 0 or index in visited:
            continue
        visited.add(index)
        op = conversion.ops[index]
        pending += [conversion.values[value].op for value in op.inputs if value >= 0]
        pending += [op.parent, *inside.get(index, ())]
    return visited
