"""The statements and functions of a source file: which one a line belongs to, and what it assigns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from shapetrace import source_files

_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MOST_LINES = 100_000


@dataclass(frozen=True)
class Statement:
    """A simple statement, or the head of a compound one."""

    first: int
    last: int
    targets: tuple[str, ...] = ()
    """What it assigns, as written: `value`, `self.scale`; `return` for a return. Empty where that is no plain name."""
    ends: int = 0
    """Of the head of a compound statement, the last line of its body; 0 for a simple one."""
    display: bool = False
    """Whether what it assigns is a list, tuple or dict written out there."""


@dataclass(frozen=True)
class Function:
    """A function of the file."""

    name: str
    """With the classes and functions around it: `Decoder.forward`."""
    first: int
    """Its first line, that of its first decorator."""
    body: int
    last: int

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


@dataclass
class Parsed:
    """What stands where in a file; empty for what is no Python."""

    statements: list[Statement] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    """Outer before inner."""

    def __post_init__(self) -> None:
        self._at: dict[int, Statement] = {}
        for statement in self.statements:
            for line in range(statement.first, statement.last + 1):
                self._at.setdefault(line, statement)
        self._inside: dict[int, Function] = {}
        for function in self.functions:
            self._inside.update(dict.fromkeys(range(function.first, function.last + 1), function))

    def at(self, line: int) -> Statement:
        """The statement that a line belongs to; the line itself where none is known."""
        return self._at.get(line) or Statement(line, line)

    def function_at(self, line: int) -> Function | None:
        """The innermost function around a line."""
        return self._inside.get(line)


def parsed(text: str) -> Parsed:
    """Find the statements and functions of a source text, which need not be Python."""
    if text.count("\n") > _MOST_LINES:
        return Parsed()
    tree = source_files.tree(text)
    try:
        return Parsed(list(_statements(tree.body)), list(_functions(tree, ""))) if tree is not None else Parsed()
    except RecursionError:
        return Parsed()


def _functions(node: ast.AST, outer: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        name = f"{outer}{child.name}" if isinstance(child, _SCOPES) else ""
        if isinstance(child, _FUNCTIONS):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            yield Function(name, first, child.body[0].lineno, child.end_lineno or child.lineno)
        yield from _functions(child, f"{name}." if name else outer)


def _statements(body: list[ast.stmt]) -> Iterator[Statement]:
    for node in body:
        if isinstance(node, ast.Match):
            for case in node.cases:
                yield from _statements(case.body)
        elif isinstance(node, _COMPOUND):
            yield _head(node)
        elif not isinstance(node, _SCOPES):
            yield _simple(node)
        if isinstance(node, _COMPOUND + _SCOPES):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _head(node: ast.stmt) -> Statement:
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    own = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.withitem)]
    last = max(node.lineno, min(body[0].lineno - 1, max(map(_end, own), default=node.lineno)))
    return Statement(node.lineno, last, ends=node.end_lineno or last)


def _end(node: ast.AST) -> int:
    ends = (getattr(child, "end_lineno", None) or 0 for child in ast.walk(node))
    return max(ends, default=0)


def _simple(node: ast.stmt) -> Statement:
    value = getattr(node, "value", None)
    display = isinstance(value, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)
    last = node.end_lineno or node.lineno
    return Statement(node.lineno, last, _targets(node), display=display)


def _targets(node: ast.stmt) -> tuple[str, ...]:
    if isinstance(node, ast.Return):
        return ("return",)
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return _named([node.target])
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return ()
    (target,) = node.targets
    return _named(target.elts if isinstance(target, ast.Tuple | ast.List) else [target])


def _named(targets: list[ast.expr]) -> tuple[str, ...]:
    """The targets as written; none of them where one is no plain name, whose value would be another's."""
    names = []
    for target in targets:
        node: ast.expr = target
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            return ()
        names.append(ast.unparse(target))
    return tuple(names)
