"""Source cut down to what a conversion came by: whole functions, and only the heads of the classes and functions beside them.

The numbers of the lines stay: what is left out is empty, or `...` where Python wants a body.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Collection, Iterator

from shapetrace import source_files

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def outline(file: str, shown: Collection[int]) -> str:
    """The text of a source file without what no conversion came by; empty where it cannot be read.

    Args:
        file: Its path.
        shown: Lines that something was made or read at.
    """
    lines = [line.rstrip("\r\n") for line in linecache.getlines(file)]
    tree = source_files.tree("\n".join(lines)) if lines else None
    if tree is None:
        return ""
    kept = dict(_kept(tree.body, lines, sorted(shown)))
    return "\n".join(kept.get(number, "") for number in range(1, max(kept, default=0) + 1))


def _kept(body: list[ast.stmt], lines: list[str], shown: list[int]) -> Iterator[tuple[int, str]]:
    """The lines that stay of some statements, by their numbers."""
    for node in body:
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inside = isinstance(node, _FUNCTIONS) and any(first <= line <= last for line in shown)
            head = node.body[0].lineno
            yield from _lines(lines, first, last if inside else head - 1)
            if not inside and head > node.lineno:
                yield head, f"{' ' * node.body[0].col_offset}..."
            if isinstance(node, ast.ClassDef):
                yield from _kept(node.body, lines, shown)
        elif any(first <= line <= last for line in shown):
            yield from _lines(lines, first, last)


def _lines(lines: list[str], first: int, last: int) -> Iterator[tuple[int, str]]:
    yield from ((number, lines[number - 1]) for number in range(first, last + 1))
