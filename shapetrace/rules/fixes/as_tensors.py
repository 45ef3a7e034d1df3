"""Reads of dims as tensors, for code that Paddle cannot be made to rewrite: `paddle.shape(x)[0]` for `x.shape[0]`."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from shapetrace.rules.fixes.source import Source, pure
from shapetrace.said import said
from shapetrace.trace import Edit, Site

SAYS = said("a tensor, which follows the input, at the cost of ops, and of a graph break under SOT in loops")


def edits(source: Source, read: Site, axes: Iterable[int], rank: int) -> tuple[Edit, ...] | None:
    """The edits that make tensors of some dims where a shape is read; None where they cannot be written.

    Args:
        source: The file.
        read: Where the shape is read: `x.shape`.
        axes: The dims that leaked from there.
        rank: How many dims the tensor has; -1 where that is not known.
    """
    node = source.node(read, ast.Attribute)
    if node is None or node.attr != "shape":
        return None
    paddle, needed = source.importing("paddle")
    tensor = f"{paddle}.shape({source.text(node.value)})"
    outer = source.parent(node)
    if isinstance(outer, ast.Subscript) and outer.value is node and not isinstance(outer.slice, ast.Slice):
        return (source.replace(outer, f"{tensor}[{source.text(outer.slice)}]"), *needed)
    if not pure(node.value):
        return None
    changes = _below(source, node, tensor, set(axes)) or _listed(source, node, tensor, sorted(set(axes)), rank)
    return (*changes, *needed) if changes else None


def _below(source: Source, node: ast.Attribute, tensor: str, axes: set[int]) -> tuple[Edit, ...]:
    """Lines of their own, for `n, c, h, w = x.shape`."""
    statement = source.parent(node)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not source.alone(statement):
        return ()
    targets = statement.targets[0]
    if not isinstance(targets, ast.Tuple | ast.List) or not all(
        isinstance(target, ast.Name) for target in targets.elts
    ):
        return ()
    names = [target.id for target in targets.elts if isinstance(target, ast.Name)]
    root = source.text(node.value).partition(".")[0]
    if max(axes) >= len(names) or root in names:
        return ()
    lines = [f"{source.indent(statement)}{names[axis]} = {tensor}[{axis}]\n" for axis in sorted(axes)]
    assert statement.end_lineno is not None
    if not source.lines[statement.end_lineno - 1].endswith("\n"):
        return ()
    return (source.insert_above(statement.end_lineno + 1, "".join(lines)),)


def _listed(source: Source, node: ast.Attribute, tensor: str, axes: list[int], rank: int) -> tuple[Edit, ...]:
    """A list with tensors in it, for a shape that is used as a whole."""
    if not rank > 0 or axes[-1] >= rank:
        return ()
    shape, parts, at = source.text(node), [], 0
    for axis in axes:
        parts += _known(shape, at, axis, rank)
        parts.append(f"{tensor}[{axis}]")
        at = axis + 1
    parts += _known(shape, at, rank, rank)
    return (source.replace(node, f"[{', '.join(parts)}]"),)


def _known(shape: str, begin: int, end: int, rank: int) -> list[str]:
    """The dims from one axis to another, as they are."""
    if end - begin == 1:
        return [f"{shape}[{begin}]"]
    if begin == end:
        return []
    return [f"*{shape}[{begin or ''}:{end if end < rank else ''}]"]
