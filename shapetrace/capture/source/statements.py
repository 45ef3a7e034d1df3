"""`if`s, conditional expressions and loops in the user's source: their heads, and where they assign a variable."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import find, nodes_at, site_of_node
from shapetrace.trace import Site

_IFS = (ast.If, ast.IfExp)
_LOOPS = (ast.For, ast.While)
_GROWING = frozenset({"extend", "insert", "appendleft", "extendleft"})
"""Methods that put something into a list, beside `append`, which Paddle makes an op of."""


class Statement(NamedTuple):
    """A statement in the user's source."""

    file: str
    function: str
    head: Site
    """Without what stands in it: `for step in range(steps)`."""
    node: Any
    """Its syntax node; None where that cannot be told, and the head is the whole line."""

    @property
    def condition(self) -> str:
        """The expression that it asks, or goes through; empty where that is not known."""
        asked = _asked(self.node)
        return site_of_node(self.file, asked).code if asked is not None else ""

    @property
    def last_line(self) -> int:
        """Where it ends."""
        return int(self.node.end_lineno) if self.node is not None else self.head.line

    def assigns(self, name: str) -> Site | None:
        """Where it first assigns a variable of rewritten code; for one of Paddle's own, the `break` or `return` that it is for."""
        if self.node is None:
            return None
        assignments = [node for node in _inside(self.node) if _assigns(node, name)]
        assignments.sort(key=lambda node: (node.lineno, node.col_offset))
        return site_of_node(self.file, assignments[0], self.function) if assignments else None

    def grows(self) -> list[Site]:
        """The calls in it that put something into a list, and that Paddle leaves to Python."""
        if self.node is None:
            return []
        calls = [node for node in _inside(self.node) if isinstance(node, ast.Call) and _puts_in(node)]
        calls.sort(key=lambda node: (node.lineno, node.col_offset))
        return [site_of_node(self.file, node, self.function) for node in calls]


def at(place: Place, kind: str) -> Statement:
    """The statement that a place runs. Paddle does not know the line of a loop that `break` leaves.

    Args:
        place: In rewritten code, the call that runs it.
        kind: `if` or `loop`.
    """
    source = find(place)
    kinds = _IFS if kind == "if" else _LOOPS
    nodes = [
        node for node in nodes_at(source.file, source.line) if isinstance(node, kinds) and node.lineno == source.line
    ]
    node = next(iter(nodes), None)
    head = source.site if node is None else _head(source.file, node, source.function)
    return Statement(source.file, source.function, head, node)


def around(inner: Statement) -> Statement | None:
    """The innermost loop that a statement stands in; None where that cannot be told."""
    node = getattr(inner.node, "parent", None)
    while node is not None and not isinstance(node, _LOOPS):
        node = getattr(node, "parent", None)
    if node is None:
        return None
    return Statement(inner.file, inner.function, _head(inner.file, node, inner.function), node)


def _head(file: str, node: Any, function: str) -> Site:
    if isinstance(node, ast.IfExp):
        return site_of_node(file, node, function)
    last = _asked(node)
    head = ast.Pass(
        lineno=node.lineno, col_offset=node.col_offset, end_lineno=last.end_lineno, end_col_offset=last.end_col_offset
    )
    return site_of_node(file, head, function)


def _asked(node: Any) -> Any:
    if isinstance(node, ast.For):
        return node.iter
    return getattr(node, "test", None)


def _inside(statement: Any) -> list[Any]:
    """The nodes that stand in a statement, without those of functions defined there."""
    nodes: list[Any] = []
    pending = list(ast.iter_child_nodes(statement))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        nodes.append(node)
        pending += ast.iter_child_nodes(node)
    return nodes


def _puts_in(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING


def _assigns(node: Any, name: str) -> bool:
    if name.startswith("__return"):
        return isinstance(node, ast.Return)
    if name.startswith("__break"):
        return isinstance(node, ast.Break)
    if name.startswith("__continue"):
        return isinstance(node, ast.Continue)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "pop"):
        return ast.unparse(node.func.value) == name
    targets: list[Any] = []
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in ast.walk(target)]
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
        targets = [node.target]
    return any(isinstance(part, ast.Name | ast.Attribute) and ast.unparse(part) == name for part in targets)
